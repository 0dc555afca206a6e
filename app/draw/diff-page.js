/* The life of the page's table: sorts, searches, shows total or self, all or what changed. Cells are moved and hidden, never written. */
(function () {
  'use strict';
  var table = document.getElementById('rows'), only = document.getElementById('only'), words = document.getElementById('words'), left = document.getElementById('left');
  var bodies = Array.prototype.slice.call(table.tBodies), measures = Array.prototype.slice.call(document.getElementsByName('measure'));
  function filter() {
    var shown = 0, all = 0, text = words.value.toLowerCase(), chosen = measures.findIndex(function (m) { return m.checked; });
    bodies.forEach(function (body, b) {
      body.hidden = b !== chosen;
      if (body.hidden) return;
      Array.prototype.forEach.call(body.rows, function (row) {
        var fits = (!only.checked || row.hasAttribute('data-matters')) && (!text || row.cells[0].textContent.toLowerCase().indexOf(text) >= 0);
        row.hidden = !fits;
        shown += fits;
        all++;
      });
    });
    left.textContent = shown + ' / ' + all;
  }
  function key(row, column) {
    var cell = row.cells[column], value = cell.getAttribute('data-value');
    return value === null ? cell.textContent : value === '' ? Infinity : +value;
  }
  Array.prototype.forEach.call(table.tHead.rows[0].cells, function (head, column) {
    var button = head.querySelector('button');
    if (!button) return;
    button.addEventListener('click', function () {
      var down = head.getAttribute('aria-sort') !== 'descending';
      Array.prototype.forEach.call(table.tHead.rows[0].cells, function (other) { other.removeAttribute('aria-sort'); });
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      bodies.forEach(function (body) {
        Array.prototype.slice.call(body.rows).sort(function (a, b) {
          var x = key(a, column), y = key(b, column), order = x < y ? -1 : x > y ? 1 : 0;
          return down ? -order : order;
        }).forEach(function (row) { body.appendChild(row); });
      });
    });
  });
  only.addEventListener('change', filter);
  words.addEventListener('input', filter);
  measures.forEach(function (m) { m.addEventListener('change', filter); });
  document.getElementById('tools').hidden = false;
  filter();
})();
