/* The life of the SVG. Frames keep their geometry of the whole graph; a zoom maps it anew. Names are read and set as text only. */
(function () {
  'use strict';
  var svg = document.documentElement.localName === 'svg' ? document.documentElement : document.currentScript.closest('svg');
  var letter = 6.9, one = document.getElementById('frames'), two = document.getElementById('twins');
  var width = +one.getAttribute('data-width') || svg.viewBox.baseVal.width - 20;
  var details = document.getElementById('details'), found = document.getElementById('found');
  var reset = document.getElementById('reset'), search = document.getElementById('search');
  // A diff has two panes of the same rectangles in the same order: each is the other's twin.
  var panes = [one, two].filter(Boolean).map(function (group) {
    var left = +group.getAttribute('data-left') || 10;
    return Array.prototype.map.call(group.querySelectorAll(':scope > g'), function (g) {
      var rect = g.querySelector('rect'), title = g.querySelector('title').textContent, cut = title.lastIndexOf(' — ');
      return { g: g, rect: rect, text: g.querySelector('text'), title: title, name: title.slice(0, cut), left: left,
        sign: g.classList.contains('n') ? '+ ' : g.classList.contains('g') ? '− ' : '', absent: g.hasAttribute('data-absent'), parts: g.querySelectorAll('[data-part]'),
        tear: g.querySelector('.t'), x: +rect.getAttribute('x') - left, y: +rect.getAttribute('y'), w: +rect.getAttribute('width') };
    });
  });
  var frames = panes[0].concat(panes[1] || []), root = frames[0], view = { from: 0, to: width }, current = null, lit = null;
  frames.forEach(function (f, i) { f.pane = i < panes[0].length ? 0 : 1; f.twin = panes[1] ? frames[(i + panes[0].length) % frames.length] : null; });

  // Teeth of three pixels over the torn part of a width; from where the edge is, up or down as before.
  function teeth(f, x, w) {
    var d = f.tear.getAttribute('d'), edge = d.slice(d.indexOf(',') + 1).split('l')[0], up = d.indexOf('l3,-') < d.indexOf('l3,3') && d.indexOf('l3,-') >= 0;
    var torn = Math.min(Math.max(w * f.tear.getAttribute('data-torn'), 6), w), text = 'M' + (f.left + x) + ',' + edge;
    for (var at = 0; at + 6 <= torn; at += 6) text += up ? 'l3,-3l3,3' : 'l3,3l3,-3';
    f.tear.setAttribute('d', text);
  }
  function draw() {
    var scale = width / (view.to - view.from);
    frames.forEach(function (f) {
      var x = Math.max((f.x - view.from) * scale, 0), end = Math.min((f.x + f.w - view.from) * scale, width), w = end - x;
      if (w <= 0.05) { f.g.setAttribute('display', 'none'); return; }
      f.g.removeAttribute('display');
      f.rect.setAttribute('x', f.left + x);
      f.rect.setAttribute('width', w);
      if (f.tear) teeth(f, x, w);
      f.parts.forEach(function (part) {
        part.setAttribute('x', f.left + x);
        part.setAttribute('width', w * part.getAttribute('data-part'));
      });
      var room = Math.floor((w - 6) / letter), label = f.sign + f.name;
      if (room >= 2 && !f.text && !f.absent) {
        f.text = document.createElementNS('http://www.w3.org/2000/svg', 'text');
        f.text.setAttribute('y', f.y + 12);
        f.g.appendChild(f.text);
      }
      if (f.text) {
        f.text.setAttribute('x', f.left + x + 3);
        f.text.textContent = room < 2 ? '' : label.length <= room ? label : label.slice(0, room - 1) + '…';
      }
    });
    reset.setAttribute('visibility', view.from === 0 && view.to === width ? 'hidden' : 'visible');
  }
  function zoom(f) {
    view = f && f !== root && f.twin !== root ? { from: f.x, to: f.x + Math.max(f.w, 0.01) } : { from: 0, to: width };
    draw();
  }
  function point(f) {
    if (lit) lit.g.classList.remove('twin');
    lit = f ? f.twin : null;
    if (lit) lit.g.classList.add('twin');
    details.textContent = f ? f.title : '';
  }
  function choose(f) {
    if (!f) return;
    if (current) current.g.setAttribute('tabindex', '-1');
    current = f;
    f.g.setAttribute('tabindex', '0');
    f.g.focus();
    point(f);
  }
  function mark(pattern) {
    var expression, covered = 0, spans = [], sums = [0, 0];
    frames.forEach(function (f) { f.g.classList.remove('m', 'faded'); });
    found.textContent = '';
    if (!pattern) return;
    try { expression = new RegExp(pattern); } catch (problem) { found.textContent = problem.message; return; }
    frames.forEach(function (f) {
      var match = f !== root && f.twin !== root && expression.test(f.name);
      f.g.classList.add(match ? 'm' : 'faded');
      if (match && f.pane === 0) spans.push([f.x, f.x + f.w, f]);
    });
    spans.sort(function (a, b) { return a[0] - b[0] || b[1] - a[1]; });
    spans.reduce(function (end, s) {
      var more = Math.max(0, s[1] - Math.max(end, s[0])), own = s[2].g;
      covered += more;
      // Of nested matches the outermost counts.
      if (more > 0 && own.hasAttribute('data-before')) { sums[0] += +own.getAttribute('data-before'); sums[1] += +own.getAttribute('data-after'); }
      return Math.max(end, s[1]);
    }, 0);
    found.textContent = spans.length + ' · ' + (root.g.hasAttribute('data-before') ? sums[0].toFixed(1) + ' % → ' + sums[1].toFixed(1) + ' %' : (100 * covered / width).toFixed(1) + ' %');
  }
  function ask() { var answer = window.prompt(search.textContent, ''); if (answer !== null) mark(answer); }
  function beside(f, step) {
    var row = frames.filter(function (o) { return o.pane === f.pane && o.y === f.y && o.g.getAttribute('display') !== 'none'; });
    return row[row.indexOf(f) + step];
  }
  function along(f, up) {
    var rows = panes[f.pane].filter(function (o) { return up ? o.y < f.y : o.y > f.y; }), best = null;
    rows.forEach(function (o) {
      var over = Math.min(o.x + o.w, f.x + f.w) - Math.max(o.x, f.x);
      if (over > 0 && (!best || Math.abs(o.y - f.y) < Math.abs(best.y - f.y) || (o.y === best.y && o.w > best.w))) best = o;
    });
    return best;
  }
  frames.forEach(function (f) {
    f.g.addEventListener('click', function () { zoom(f); choose(f); });
    f.g.addEventListener('mouseenter', function () { point(f); });
  });
  reset.addEventListener('click', function () { zoom(null); });
  search.addEventListener('click', ask);
  search.setAttribute('visibility', 'visible');
  window.addEventListener('keydown', function (event) {
    // In a page, its other parts have keys of their own.
    if (svg !== document.documentElement && !svg.contains(event.target)) return;
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
