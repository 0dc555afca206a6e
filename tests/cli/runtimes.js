// SPDX-License-Identifier: GPL-3.0-or-later
// node runtimes.js MILLISECONDS: works in leafHot below main → spin → outer → middle, and makes garbage in litter.
function leafHot(n) { let sum = 0; for (let i = 0; i < n; i++) sum = (sum * 31 + i) % 1000003; return sum; }
function middle(n) { const sum = leafHot(n); return sum + 1; }
function outer(n) { const sum = middle(n); return sum + 1; }
class Widget { spin(n) { const sum = outer(n); return sum + 1; } }
let kept = [];
function litter() { for (let i = 0; i < 2000; i++) kept.push({ i, text: 'x' + i }); if (kept.length > 40000) kept = []; }
const widget = new Widget(), end = Date.now() + Number(process.argv[2] || 500);
let total = 0;
while (Date.now() < end) { total += widget.spin(20000); litter(); }
console.log(total);
