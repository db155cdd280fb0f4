/**
 * The script of the report, plain JavaScript for browsers: draws the charts one after the other, as wide as the page
 * lets them be, and opens the chain of causes of a fault that is clicked. It asks nothing of any network.
 */
export const reportScript = `
(function () {
  'use strict';
  var page = JSON.parse(document.getElementById('charts').textContent);
  var PLOT_MIN = 280;
  var PANEL_GAP = 56;
  // Labels of panels take more or less room with every width.
  var PANEL_SLACK = 16;
  var figures = Array.prototype.slice.call(document.querySelectorAll('[data-chart]'));

  function setWidth(spec, width) {
    if (spec.vconcat) spec.vconcat.forEach(function (view) { setWidth(view, width); });
    else if (spec.concat) spec.concat.forEach(function (view) {
      setWidth(view, Math.floor((width - (spec.columns - 1) * PANEL_GAP) / spec.columns));
    });
    else spec.width = width;
  }

  function draw(element, width) {
    var spec = page.specs[element.dataset.chart];
    setWidth(spec, width);
    var options = {
      mode: 'vega-lite', renderer: 'svg', actions: false, ast: true, defaultStyle: false, config: page.config
    };
    return vegaEmbed(element, spec, options).then(function (result) {
      element.finish = function () { result.finalize(); };
      if (element.dataset.chart === 'cluster-timeline') result.view.addEventListener('click', onFault);
      var room = element.clientWidth - (spec.concat ? PANEL_SLACK : 0);
      return width + room - element.querySelector('svg').getBoundingClientRect().width;
    });
  }

  // How much room names beside a plot take is known only once it is drawn: draw, measure, draw again.
  function fit(element) {
    if (element.finish) element.finish();
    var first = element.plotWidth || Math.max(PLOT_MIN, element.clientWidth - 220);
    return draw(element, first).then(function (wanted) {
      var width = Math.max(PLOT_MIN, Math.floor(wanted));
      element.plotWidth = width;
      if (Math.abs(width - first) < 3) return undefined;
      element.finish();
      return draw(element, width);
    });
  }

  function drawAll() {
    return figures.reduce(function (before, element) {
      return before.then(function () { return fit(element); }).then(function () { element.dataset.drawn = 'yes'; });
    }, Promise.resolve());
  }

  function onFault(event, item) {
    if (!item || !item.datum || item.datum.id === undefined) return;
    var best = null;
    document.querySelectorAll('[data-t]').forEach(function (entry) {
      var distance = Math.abs(Number(entry.dataset.t) - item.datum.t);
      if (best === null || distance < best.distance) best = { entry: entry, distance: distance };
    });
    if (best === null) return;
    document.querySelectorAll('.chosen').forEach(function (entry) { entry.classList.remove('chosen'); });
    for (var part = best.entry; part; part = part.parentElement) if (part.tagName === 'DETAILS') part.open = true;
    best.entry.classList.add('chosen');
    best.entry.scrollIntoView({ behavior: 'smooth', block: 'center' });
  }

  var pageWidth = document.documentElement.clientWidth;
  var waiting;
  window.addEventListener('resize', function () {
    clearTimeout(waiting);
    waiting = setTimeout(function () {
      if (document.documentElement.clientWidth === pageWidth) return;
      pageWidth = document.documentElement.clientWidth;
      figures.forEach(function (element) { element.plotWidth = 0; });
      drawAll();
    }, 200);
  });
  window.addEventListener('beforeprint', function () {
    document.querySelectorAll('.story details').forEach(function (entry) { entry.open = true; });
  });

  var fonts = document.fonts ? [document.fonts.load('11px Roboto'), document.fonts.load('bold 11px Roboto')] : [];
  Promise.all(fonts).then(drawAll).then(function () {
    document.documentElement.dataset.ready = 'yes';
  });
})();
`;
