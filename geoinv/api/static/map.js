// What the served map and the single-file map share: labels, popups, legend. Texts are set as text, never as markup.
(function () {
  "use strict";

  function element(tag, className, text) {
    var made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined && text !== null) made.textContent = String(text);
    return made;
  }

  function swatch(style) {
    var space = "http://www.w3.org/2000/svg";
    var svg = document.createElementNS(space, "svg");
    svg.setAttribute("class", "geoinv-swatch");
    svg.setAttribute("viewBox", "0 0 30 17");
    var rect = document.createElementNS(space, "rect");
    var attributes = { x: 2, y: 2, width: 26, height: 13, fill: style.color, "fill-opacity": style.fill,
      stroke: style.color, "stroke-width": style.width, "stroke-dasharray": style.dash || "none" };
    Object.keys(attributes).forEach(function (name) { rect.setAttribute(name, attributes[name]); });
    svg.appendChild(rect);
    return svg;
  }

  function outline(style) {
    return { color: style.color, weight: style.width, dashArray: style.dash || null, fillColor: style.color,
      fillOpacity: style.fill, lineJoin: "round", lineCap: "butt" };
  }

  // `rows` of a popup are pairs of heading and text, prepared where the words are known.
  function popup(properties) {
    var box = element("div", "geoinv-popup");
    box.appendChild(element("h3", "", properties.title));
    var list = element("dl");
    (properties.rows || []).forEach(function (row) {
      list.appendChild(element("dt", "", row[0]));
      list.appendChild(element("dd", "", row[1]));
    });
    box.appendChild(list);
    return box;
  }

  function label(properties) {
    var box = element("div");
    if (properties.count) box.appendChild(element("span", "geoinv-count", properties.count));
    if (properties.name) box.appendChild(element("span", "geoinv-name", properties.name));
    return box;
  }

  function bind(feature, layer) {
    var properties = feature.properties;
    if (properties.at && layer.getBounds) layer.getCenter = function () { return L.latLng(properties.at); };
    layer.bindPopup(popup(properties), { maxWidth: 320, minWidth: 220 });
    if (properties.count || properties.name) {
      layer.bindTooltip(label(properties), { permanent: true, direction: "center", className: "geoinv-label" });
    }
    layer.on("mouseover", function () { if (layer.setStyle) layer.setStyle({ fillOpacity: 0.6 }); });
    layer.on("mouseout", function () { if (layer.setStyle) layer.setStyle({ fillOpacity: properties.style.fill }); });
  }

  function control(map, position, content) {
    var made = L.control({ position: position });
    made.onAdd = function () { L.DomEvent.disableClickPropagation(content); return content; };
    made.addTo(map);
  }

  function furnish(map, data) {
    var head = element("div", "geoinv-card geoinv-title");
    if (data.fictional) head.appendChild(element("span", "geoinv-stamp", data.fictional));
    head.appendChild(element("h1", "", data.title));
    head.appendChild(element("p", "", data.subtitle));
    control(map, "topleft", head);
    var legend = element("details", "geoinv-card geoinv-legend");
    legend.open = map.getSize().x > 760;
    legend.appendChild(element("summary", "", data.legendTitle));
    data.legend.forEach(function (row) {
      var line = element("div", "geoinv-row");
      line.title = row.means;
      line.appendChild(swatch(row.style));
      line.appendChild(element("span", "", row.name));
      legend.appendChild(line);
    });
    if (data.countLegend) {
      var line = element("div", "geoinv-row");
      line.appendChild(element("span", "geoinv-count", "5"));
      line.appendChild(element("span", "", data.countLegend));
      legend.appendChild(line);
    }
    if (data.fade) legend.appendChild(fader(data));
    data.notes.forEach(function (note) { legend.appendChild(element("p", "geoinv-note", note)); });
    control(map, "bottomright", legend);
    L.control.scale({ position: "bottomleft", imperial: false, maxWidth: 160 }).addTo(map);
    map.attributionControl.setPrefix(false);
    declutter(map);
    fit(map, data.bounds, head, legend);
  }

  // Room is left for the cards where the window is wide enough to spare it.
  function fit(map, bounds, head, legend) {
    var wide = map.getSize().x > 760;
    map.fitBounds(bounds, { animate: false,
      paddingTopLeft: wide ? [30, head.offsetHeight + 30] : [14, head.offsetHeight + 24],
      paddingBottomRight: wide ? [legend.offsetWidth + 30, 30] : [14, 14] });
  }

  // The later scene fades over the earlier one as the slider moves.
  function fader(data) {
    var box = element("div", "geoinv-fade");
    box.appendChild(element("span", "", data.fade.before));
    var slider = element("input");
    slider.type = "range"; slider.min = "0"; slider.max = "100"; slider.value = "100";
    slider.setAttribute("aria-label", data.fade.label);
    slider.addEventListener("input", function () { data.fade.layer.setOpacity(slider.value / 100); });
    box.appendChild(slider);
    box.appendChild(element("span", "", data.fade.after));
    return box;
  }

  // Names that would cover one another are hidden until the map is zoomed in; numbers stay.
  function declutter(map) {
    function run() {
      var taken = [];
      var labels = Array.prototype.slice.call(map.getPane("tooltipPane").querySelectorAll(".geoinv-label"));
      labels.sort(function (a, b) { return (b.querySelector(".geoinv-count") ? 1 : 0) - (a.querySelector(".geoinv-count") ? 1 : 0); });
      labels.forEach(function (one) {
        var name = one.querySelector(".geoinv-name");
        if (name) name.style.visibility = "visible";
        var spot = one.getBoundingClientRect();
        var clash = taken.some(function (b) {
          return spot.left < b.right && b.left < spot.right && spot.top < b.bottom && b.top < spot.bottom;
        });
        if (name && clash) name.style.visibility = "hidden"; else taken.push(spot);
      });
    }
    map.on("zoomend moveend", run);
    map.whenReady(function () { window.requestAnimationFrame(run); });
  }

  // The served page: its data stand in a block of JSON, which no policy on scripts concerns.
  function start() {
    var block = document.getElementById("geoinv-map-data");
    if (!block) return;
    var data = JSON.parse(block.textContent);
    var map = L.map("map", { zoomSnap: 0.25, maxZoom: 23, zoomControl: false, attributionControl: true });
    L.control.zoom({ position: "topright" }).addTo(map);
    map.fitBounds(data.bounds);
    data.scenes.forEach(function (scene) {
      var image = L.imageOverlay(scene.url, scene.bounds, { alt: scene.name, attribution: scene.attribution ? element("i", "", scene.attribution).innerHTML : "" });
      image.addTo(map);
      if (data.fade) data.fade.layer = image;
    });
    L.geoJSON(data.features, { style: function (one) { return outline(one.properties.style); }, onEachFeature: bind,
      pointToLayer: function (one, at) { return L.circleMarker(at, { radius: 9 }); } }).addTo(map);
    furnish(map, data);
  }

  window.geoinvMap = { bind: bind, furnish: furnish };
  document.addEventListener("DOMContentLoaded", start);
})();
