/* The life of the SVG. Frames keep their geometry of the whole graph; a zoom maps it anew. Names are read and set as text only. */
(function () {
  'use strict';
  var svg = document.documentElement, margin = 10, letter = 6.9;
  var width = svg.viewBox.baseVal.width - 2 * margin;
  var details = document.getElementById('details'), found = document.getElementById('found');
  var reset = document.getElementById('reset'), search = document.getElementById('search');
  var frames = Array.prototype.map.call(document.querySelectorAll('#frames > g'), function (g) {
    var rect = g.querySelector('rect'), title = g.querySelector('title').textContent, cut = title.lastIndexOf(' — ');
    return { g: g, rect: rect, text: g.querySelector('text'), title: title, name: title.slice(0, cut),
      tear: g.querySelector('.t'), x: +rect.getAttribute('x') - margin, y: +rect.getAttribute('y'), w: +rect.getAttribute('width') };
  });
  var root = frames[0], view = { from: 0, to: width }, current = null;

  // Teeth of three pixels over the torn part of a width; from where the edge is, up or down as before.
  function teeth(f, x, w) {
    var d = f.tear.getAttribute('d'), edge = d.slice(d.indexOf(',') + 1).split('l')[0], up = d.indexOf('l3,-') < d.indexOf('l3,3') && d.indexOf('l3,-') >= 0;
    var torn = Math.min(Math.max(w * f.tear.getAttribute('data-torn'), 6), w), text = 'M' + (margin + x) + ',' + edge;
    for (var at = 0; at + 6 <= torn; at += 6) text += up ? 'l3,-3l3,3' : 'l3,3l3,-3';
    f.tear.setAttribute('d', text);
  }
  function draw() {
    var scale = width / (view.to - view.from);
    frames.forEach(function (f) {
      var x = Math.max((f.x - view.from) * scale, 0), end = Math.min((f.x + f.w - view.from) * scale, width), w = end - x;
      if (w <= 0.05) { f.g.setAttribute('display', 'none'); return; }
      f.g.removeAttribute('display');
      f.rect.setAttribute('x', margin + x);
      f.rect.setAttribute('width', w);
      if (f.tear) teeth(f, x, w);
      var room = Math.floor((w - 6) / letter);
      if (room >= 2 && !f.text) {
        f.text = document.createElementNS('http://www.w3.org/2000/svg', 'text');
        f.text.setAttribute('y', f.y + 12);
        f.g.appendChild(f.text);
      }
      if (f.text) {
        f.text.setAttribute('x', margin + x + 3);
        f.text.textContent = room < 2 ? '' : f.name.length <= room ? f.name : f.name.slice(0, room - 1) + '…';
      }
    });
    reset.setAttribute('visibility', view.from === 0 && view.to === width ? 'hidden' : 'visible');
  }
  function zoom(f) {
    view = f && f !== root ? { from: f.x, to: f.x + Math.max(f.w, 0.01) } : { from: 0, to: width };
    draw();
  }
  function choose(f) {
    if (!f) return;
    if (current) current.g.setAttribute('tabindex', '-1');
    current = f;
    f.g.setAttribute('tabindex', '0');
    f.g.focus();
    details.textContent = f.title;
  }
  function mark(pattern) {
    var expression, covered = 0, spans = [];
    frames.forEach(function (f) { f.g.classList.remove('m', 'faded'); });
    found.textContent = '';
    if (!pattern) return;
    try { expression = new RegExp(pattern); } catch (problem) { found.textContent = problem.message; return; }
    frames.forEach(function (f) {
      var match = f !== root && expression.test(f.name);
      f.g.classList.add(match ? 'm' : 'faded');
      if (match) spans.push([f.x, f.x + f.w]);
    });
    spans.sort(function (a, b) { return a[0] - b[0]; });
    spans.reduce(function (end, s) { covered += Math.max(0, s[1] - Math.max(end, s[0])); return Math.max(end, s[1]); }, 0);
    found.textContent = spans.length + ' · ' + (100 * covered / width).toFixed(1) + ' %';
  }
  function ask() { var answer = window.prompt(search.textContent, ''); if (answer !== null) mark(answer); }
  function beside(f, step) {
    var row = frames.filter(function (o) { return o.y === f.y && o.g.getAttribute('display') !== 'none'; });
    return row[row.indexOf(f) + step];
  }
  function along(f, up) {
    var rows = frames.filter(function (o) { return up ? o.y < f.y : o.y > f.y; }), best = null;
    rows.forEach(function (o) {
      var over = Math.min(o.x + o.w, f.x + f.w) - Math.max(o.x, f.x);
      if (over > 0 && (!best || Math.abs(o.y - f.y) < Math.abs(best.y - f.y) || (o.y === best.y && o.w > best.w))) best = o;
    });
    return best;
  }
  frames.forEach(function (f) {
    f.g.addEventListener('click', function () { zoom(f); choose(f); });
    f.g.addEventListener('mouseenter', function () { details.textContent = f.title; });
  });
  reset.addEventListener('click', function () { zoom(null); });
  search.addEventListener('click', ask);
  search.setAttribute('visibility', 'visible');
  window.addEventListener('keydown', function (event) {
    var f = current || root, key = event.key;
    if ((event.ctrlKey || event.metaKey) && key === 'f') ask();
    else if (key === 'ArrowUp') choose(along(f, true));
    else if (key === 'ArrowDown') choose(along(f, false));
    else if (key === 'ArrowLeft') choose(beside(f, -1));
    else if (key === 'ArrowRight') choose(beside(f, 1));
    else if (key === 'Enter') { if (event.target === search) ask(); else zoom(event.target === reset ? null : f); }
    else if (key === 'Escape' || key === 'Backspace') zoom(null);
    else return;
    event.preventDefault();
  });
})();
