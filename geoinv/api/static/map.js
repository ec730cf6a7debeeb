// What the served map and the single-file map share. Texts are set as text, never as markup. Whatever is counted here is
// counted from the incidents the page holds, which are those that may be shown.
(function () {
  "use strict";

  var SVG = "http://www.w3.org/2000/svg";
  var LEAST_ROOM_PX = 34;
  var bound = [];

  function element(tag, className, text) {
    var made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined && text !== null) made.textContent = String(text);
    return made;
  }

  function put(parent) {
    for (var at = 1; at < arguments.length; at += 1) if (arguments[at]) parent.appendChild(arguments[at]);
    return parent;
  }

  function fill(words, given) {
    return words.replace(/\{(\w+)\}/g, function (whole, name) { return name in given ? String(given[name]) : whole; });
  }

  function swatch(style) {
    var svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("class", "geoinv-swatch");
    svg.setAttribute("viewBox", "0 0 30 17");
    svg.setAttribute("aria-hidden", "true");
    var rect = document.createElementNS(SVG, "rect");
    var attributes = { x: 2, y: 2, width: 26, height: 13, fill: style.color, "fill-opacity": style.fill,
      stroke: style.line || style.color, "stroke-width": style.width, "stroke-dasharray": style.dash || "none" };
    Object.keys(attributes).forEach(function (name) { rect.setAttribute(name, attributes[name]); });
    svg.appendChild(rect);
    return svg;
  }

  function outline(style) {
    return { color: style.line || style.color, weight: style.width, dashArray: style.dash || null, fillColor: style.color,
      fillOpacity: style.fill, lineJoin: "round", lineCap: "butt" };
  }

  // What the reader chose, and what that leaves.

  function within(incident, chosen) {
    if (chosen.kind !== null && incident[3] !== chosen.kind) return false;
    if (!chosen.years) return true;
    return incident[2].length > 0 && incident[2][0] <= chosen.years[1] && incident[2][1] >= chosen.years[0];
  }

  // Kinds come in pairs: as recorded, and as people read them.
  function kindOf(data, kind) {
    var found = data.kinds.find(function (pair) { return pair[0] === kind; });
    return found ? found[1] : kind;
  }

  function tally(data, chosen) {
    var found = { places: {}, told: {}, all: data.incidents.length, shown: 0, undated: 0, unplaced: 0 };
    data.incidents.forEach(function (incident) {
      if (!within(incident, chosen)) {
        if (chosen.years && !incident[2].length && (chosen.kind === null || incident[3] === chosen.kind)) found.undated += 1;
        return;
      }
      found.shown += 1;
      if (!incident[0]) found.unplaced += 1;
      [incident[0], incident[1]].forEach(function (where) {
        if (!where) return;
        found.places[where] = (found.places[where] || 0) + 1;
        var words = [incident[2].length ? (incident[2][0] === incident[2][1] ? incident[2][0] : incident[2].join("–")) : data.words["no year"],
          incident[3] ? kindOf(data, incident[3]) : data.words["no kind"]].join(" · ");
        var told = found.told[where] = found.told[where] || {};
        told[words] = (told[words] || 0) + 1;
      });
    });
    return found;
  }

  function classOf(data, count) {
    return data.classes.find(function (one) { return count >= one[0] && count <= one[1]; }) || data.classes[data.classes.length - 1];
  }

  function styleOf(state, properties) {
    if (state.chosen.by !== "incidents" || properties.part === "area") return properties.style;
    var count = state.found.places[properties.id] || 0;
    var found = count ? classOf(state.data, count) : null;
    return { color: found ? found[2] : "#ffffff", line: "#1d2733", width: properties.part === "room" ? 1 : 1.6, dash: properties.style.dash, fill: found ? 0.86 : 0.25 };
  }

  // Popups and labels; `rows` are pairs of heading and text, prepared where the words are known.

  function popup(state, properties) {
    var box = element("div", "geoinv-popup");
    put(box, element("h2", "", properties.title));
    var list = element("dl");
    (properties.rows || []).forEach(function (row) { put(list, element("dt", "", row[0]), element("dd", "", row[1])); });
    put(box, list);
    var told = state.found.told[properties.id];
    if (told) {
      put(box, element("h3", "", state.data.words["incident count"] + ": " + state.found.places[properties.id]));
      var lines = element("ul");
      Object.keys(told).sort().forEach(function (words) { put(lines, element("li", "", words + " (" + told[words] + ")")); });
      put(box, lines);
    }
    return box;
  }

  function label(state, properties) {
    var box = element("div");
    var count = state.found.places[properties.id];
    if (count && properties.part === "building") put(box, element("span", "geoinv-count", count));
    if (properties.name) put(box, element("span", properties.part === "room" ? "geoinv-name geoinv-room" : "geoinv-name", properties.name));
    return box;
  }

  /** Remember a layer; `furnish` gives it its popup, its label and its place in the order of the tab key. */
  function bind(feature, layer) { bound.push([feature.properties, layer]); }

  function dress(state, properties, layer) {
    if (properties.at && layer.getBounds) layer.getCenter = function () { return L.latLng(properties.at); };
    layer.bindPopup(function () { return popup(state, properties); }, { maxWidth: 320, minWidth: 220 });
    layer.bindTooltip(label(state, properties), { permanent: true, direction: "center", className: "geoinv-label" });
    layer.on("mouseover", function () { if (layer.setStyle) layer.setStyle({ fillOpacity: Math.min(0.95, styleOf(state, properties).fill + 0.3) }); });
    layer.on("mouseout", function () { if (layer.setStyle) layer.setStyle(outline(styleOf(state, properties))); });
    var shape = layer.getElement && layer.getElement(), tip = layer.getTooltip().getElement();
    // The shape itself says its name and count to those who listen; its label is for those who see.
    if (tip) { tip.removeAttribute("role"); tip.setAttribute("aria-hidden", "true"); }
    if (!shape || properties.part === "area") return;
    shape.removeAttribute("aria-describedby");
    shape.setAttribute("tabindex", "0");
    shape.setAttribute("role", "button");
    shape.addEventListener("keydown", function (event) {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      layer.openPopup();
    });
  }

  function spoken(state, properties) {
    var count = state.found.places[properties.id];
    var parts = [properties.title, properties.known];
    if (count) parts.push(state.data.words.incidents + ": " + count);
    return parts.join(", ");
  }

  function redraw(state) {
    state.found = tally(state.data, state.chosen);
    bound.forEach(function (pair) {
      var properties = pair[0], layer = pair[1];
      if (layer.setStyle) layer.setStyle(outline(styleOf(state, properties)));
      layer.setTooltipContent(label(state, properties));
      var shape = layer.getElement && layer.getElement();
      if (shape) shape.setAttribute("aria-label", spoken(state, properties));
      if (layer.isPopupOpen()) layer.setPopupContent(popup(state, properties));
    });
    state.tell();
    state.drawLegend();
    state.declutter();
    if (state.table) state.drawTable();
  }

  // What stands around the map.

  function control(map, position, content) {
    var made = L.control({ position: position });
    made.onAdd = function () { L.DomEvent.disableClickPropagation(content); L.DomEvent.disableScrollPropagation(content); return content; };
    made.addTo(map);
  }

  function head(data) {
    var box = element("div", "geoinv-card geoinv-title");
    if (data.fictional) put(box, element("span", "geoinv-stamp", data.fictional));
    return put(box, element("h1", "", data.title), element("p", "", data.subtitle));
  }

  function field(words, input) {
    var box = element("label", "geoinv-field");
    return put(box, element("span", "", words), input);
  }

  function choice(options, value, then) {
    var made = element("select");
    options.forEach(function (option) {
      var one = element("option", "", option[1]);
      one.value = option[0];
      one.selected = option[0] === value;
      put(made, one);
    });
    made.addEventListener("change", function () { then(made.value); });
    return made;
  }

  function year(state, at, words) {
    var box = element("label", "geoinv-field geoinv-year");
    var slider = element("input"), shown = element("output", "", state.data.years[at]);
    slider.type = "range"; slider.min = state.data.years[0]; slider.max = state.data.years[1]; slider.step = 1; slider.value = state.data.years[at];
    slider.addEventListener("input", function () {
      var range = state.chosen.range;
      range[at] = Number(slider.value);
      if (range[0] > range[1]) {
        range[1 - at] = range[at];
        state.sliders[1 - at].sync(range[at]);
      }
      shown.textContent = slider.value;
      var whole = range[0] === state.data.years[0] && range[1] === state.data.years[1];
      state.chosen.years = whole ? null : range;
      redraw(state);
    });
    state.sliders[at] = { sync: function (value) { slider.value = value; shown.textContent = value; } };
    return put(box, element("span", "", words), slider, shown);
  }

  function chooser(state) {
    var data = state.data, words = data.words;
    var box = element("details", "geoinv-card geoinv-choose");
    put(box, element("summary", "", words.filter));
    if (data.incidents.length) {
      put(box, field(words["show as"], choice([["known", words["by known"]], ["incidents", words["by incidents"]]], state.chosen.by,
        function (value) { state.chosen.by = value; redraw(state); })));
      if (data.kinds.length > 1) {
        put(box, field(words["kind of incident"], choice([["", words["every kind"]]].concat(data.kinds), "",
          function (value) { state.chosen.kind = value || null; redraw(state); })));
      }
      if (data.years && data.years[0] < data.years[1]) put(box, year(state, 0, words["from year"]), year(state, 1, words["to year"]));
    }
    if (state.images.length) put(box, ground(state));
    if (state.images.length > 1) put(box, fader(state));
    var button = element("button", "geoinv-button", words["as table"]);
    button.type = "button";
    button.addEventListener("click", function () { openTable(state, button); });
    put(box, state.status, button);
    return box;
  }

  function ground(state) {
    var box = element("input");
    box.type = "checkbox"; box.checked = true;
    box.addEventListener("change", function () {
      state.images.forEach(function (image) { if (box.checked) image.addTo(state.map); else image.remove(); });
    });
    var line = element("label", "geoinv-check");
    return put(line, box, element("span", "", state.data.words["ground shown"]));
  }

  // The latest scene fades over the earliest as the slider moves.
  function fader(state) {
    var scenes = state.data.scenes, box = element("div", "geoinv-fade"), slider = element("input");
    slider.type = "range"; slider.min = "0"; slider.max = "100"; slider.value = "100";
    slider.setAttribute("aria-label", state.data.words["before after"]);
    slider.addEventListener("input", function () { state.images[state.images.length - 1].setOpacity(slider.value / 100); });
    return put(box, element("span", "", scenes[0].date || scenes[0].name), slider, element("span", "", scenes[scenes.length - 1].date || scenes[scenes.length - 1].name));
  }

  function legend(state) {
    var data = state.data;
    var box = element("details", "geoinv-card geoinv-legend"), title = element("summary"), rows = element("div");
    put(box, title, rows);
    state.drawLegend = function () {
      var counted = state.chosen.by === "incidents";
      title.textContent = counted ? data.words["by incidents"] : data.words.legend;
      rows.textContent = "";
      var lines = counted ? data.classes.map(function (one) {
        return { name: one[0] === one[1] ? String(one[0]) : one[0] + "–" + one[1], style: { color: one[2], line: "#1d2733", width: 1.4, fill: 0.86 } };
      }) : data.legend;
      lines.forEach(function (row) {
        var line = element("div", "geoinv-row");
        if (row.means) line.title = row.means;
        put(rows, put(line, swatch(row.style), element("span", "", row.name)));
      });
      if (counted && !data.classes.length) put(rows, element("p", "geoinv-status", data.words["no counts"]));
      if (data.classes.length) put(rows, put(element("div", "geoinv-row"), element("span", "geoinv-count", "5"), element("span", "", data.words["incident count"])));
      data.notes.forEach(function (note) { put(rows, element("p", "geoinv-note", note)); });
    };
    return box;
  }

  function teller(state) {
    var words = state.data.words;
    state.status = element("p", "geoinv-status");
    state.status.setAttribute("role", "status");
    state.tell = function () {
      var found = state.found;
      var lines = found.all ? [fill(words.counted, { n: found.shown, all: found.all })] : [words["no incidents shown"]];
      if (found.undated) lines.push(fill(words["undated out"], { n: found.undated }));
      if (found.unplaced && found.shown) lines.push(fill(words["not placed out"], { n: found.unplaced }));
      state.status.textContent = lines.join(" ");
    };
  }

  // The same as a table, for those who cannot use a map.

  function openTable(state, button) {
    var words = state.data.words, dialog = element("dialog", "geoinv-table"), close = element("button", "geoinv-button", words.close);
    close.type = "button";
    close.addEventListener("click", function () { dialog.close(); });
    dialog.setAttribute("aria-label", state.data.title);
    var table = element("table");
    put(dialog, close, element("h2", "", state.data.title), table);
    state.table = table;
    state.drawTable = function () {
      table.textContent = "";
      var top = element("tr");
      [words.building + " / " + words.room, words.status, words["incident count"]].forEach(function (name) {
        var cell = element("th", "", name);
        cell.scope = "col";
        put(top, cell);
      });
      put(table, put(element("thead"), top));
      var body = element("tbody");
      bound.forEach(function (pair) {
        var row = element("tr"), name = element("th", "", pair[0].title);
        name.scope = "row";
        put(body, put(row, name, element("td", "", pair[0].known), element("td", "", state.found.places[pair[0].id] || "")));
      });
      put(table, body);
    };
    state.drawTable();
    dialog.addEventListener("close", function () { dialog.remove(); state.table = null; button.focus(); });
    document.body.appendChild(dialog);
    dialog.showModal();
  }

  // Room is left for the cards where the window is wide enough to spare it.
  function fit(map, bounds, top, choose, side) {
    var wide = map.getSize().x > 760, beside = wide && choose.open;
    map.fitBounds(bounds, { animate: false,
      paddingTopLeft: beside ? [Math.max(top.offsetWidth, choose.offsetWidth) + 30, 30] : wide ? [30, top.offsetHeight + choose.offsetHeight + 40] : [14, top.offsetHeight + choose.offsetHeight + 34],
      paddingBottomRight: wide ? [side.offsetWidth + 30, 30] : [14, 54] });
  }

  // Names that would cover one another are hidden until the map is zoomed in; numbers stay, rooms give way first.
  function declutter(map) {
    function run() {
      var taken = [];
      bound.map(function (pair) {
        var tip = pair[1].getTooltip() && pair[1].getTooltip().getElement();
        return { room: pair[0].part === "room", counted: Boolean(tip && tip.querySelector(".geoinv-count")), tip: tip, layer: pair[1] };
      }).filter(function (one) { return one.tip; }).sort(function (a, b) { return a.room - b.room || b.counted - a.counted; }).forEach(function (one) {
        var name = one.tip.querySelector(".geoinv-name");
        if (name) name.style.visibility = "visible";
        var spot = one.tip.getBoundingClientRect();
        var clash = taken.some(function (b) { return spot.left < b.right && b.left < spot.right && spot.top < b.bottom && b.top < spot.bottom; });
        if (one.room && one.layer.getElement()) {
          var shape = one.layer.getElement().getBoundingClientRect();
          clash = clash || shape.width < Math.max(LEAST_ROOM_PX, spot.width) || shape.height < spot.height;
        }
        if (name && clash) name.style.visibility = "hidden"; else if (spot.width) taken.push(spot);
      });
    }
    map.on("zoomend moveend", run);
    map.whenReady(function () { window.requestAnimationFrame(run); });
    return run;
  }

  /** Title, choices, legend, scale and keyboard of a map whose places were bound; `images` are its scenes, earliest first. */
  function furnish(map, data, images) {
    var state = { map: map, data: data, images: images, sliders: [], table: null,
      chosen: { by: data.by, kind: null, years: null, range: (data.years || []).slice() } };
    state.found = tally(data, state.chosen);
    teller(state);
    var title = head(data), side = legend(state), choose = chooser(state);
    control(map, "topleft", title);
    control(map, "topleft", choose);
    control(map, "bottomright", side);
    side.open = map.getSize().x > 760 && map.getSize().y > 440;
    choose.open = map.getSize().x > 1000 && map.getSize().y > 440;
    L.control.scale({ position: "bottomleft", imperial: false, maxWidth: 160 }).addTo(map);
    map.attributionControl.setPrefix(false);
    map.getContainer().setAttribute("aria-label", data.words["map help"]);
    bound.forEach(function (pair) { dress(state, pair[0], pair[1]); });
    state.declutter = declutter(map);
    redraw(state);
    fit(map, data.bounds, title, choose, side);
  }

  // The served page: its data stand in a block of JSON, which no policy on scripts concerns.
  function start() {
    var block = document.getElementById("geoinv-map-data");
    if (!block) return;
    var data = JSON.parse(block.textContent);
    var map = L.map("map", { zoomSnap: 0.25, maxZoom: 23, zoomControl: false, attributionControl: true });
    L.control.zoom({ position: "topright" }).addTo(map);
    map.fitBounds(data.bounds);
    var images = data.scenes.map(function (scene) { return L.imageOverlay(scene.url, scene.bounds, { alt: scene.name }).addTo(map); });
    L.geoJSON(data.features, { style: function (one) { return outline(one.properties.style); }, onEachFeature: bind,
      pointToLayer: function (one, at) { return L.circleMarker(at, { radius: 9 }); } }).addTo(map);
    furnish(map, data, images);
  }

  window.geoinvMap = { bind: bind, furnish: furnish };
  document.addEventListener("DOMContentLoaded", start);
})();
