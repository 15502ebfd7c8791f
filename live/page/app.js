// SPDX-License-Identifier: LGPL-2.1-or-later
// The page of fomo-live. The server sends frames and news through a websocket; what is clicked here
// goes to it as HTTP requests.
import {Graph, control, make, propertyRow, request} from "/parts.js";

const $ = id => document.getElementById(id);
const MAIN_PROPERTIES = ["strength", "smoothing", "head-strength", "eyes-strength", "mouth-strength", "brows-strength"];
const OVERLAYS = [["guide"], ["guide", "keypoints", "crops", "stats"], []]; // of the key o
const STRENGTH_STEP = 0.1;
const MOST_LINES = 50;

let state = null;     // the server's last `state`, kept up to date
let shows = new Map(); // property -> functions that show its value
let ended = false;
const graphs = {ms: new Graph($("graph-ms"), null), confidence: new Graph($("graph-confidence"), 1)};

function say(text, kind = "event") {
  $("log").prepend(make("li", {className: kind}, text));
  while ($("log").children.length > MOST_LINES)
    $("log").lastChild.remove();
}

/** Runs what a click does, and shows the server's words when it fails. */
async function attempt(action) {
  try {
    return await action();
  } catch (error) {
    say(error.message, "problem");
    return null;
  }
}

// ---- properties ----

const property = name => state.properties.find(p => p.name === name);
const isSet = (a, b) => JSON.stringify(a) === JSON.stringify(b);

function showProperty(name, value) {
  const known = property(name);
  if (!known)
    return;
  known.value = value;
  (shows.get(name) ?? []).forEach(show => show(value));
}

async function setProperty(name, value) {
  await attempt(() => request("PUT", `/api/properties/${name}`, value));
  showProperty(name, property(name).value); // what was refused is taken back
}

function fillProperties() {
  shows = new Map(state.properties.map(p => [p.name, []]));
  const add = (parent, prefix, p) => {
    const {row, show} = propertyRow(p, `${prefix}-${p.name}`, value => setProperty(p.name, value));
    shows.get(p.name).push(show);
    parent.append(row);
  };
  for (const id of ["main-properties", "properties", "overlay"])
    $(id).replaceChildren();
  for (const name of MAIN_PROPERTIES.filter(property))
    add($("main-properties"), "main", property(name));
  for (const p of state.properties)
    add($("properties"), "all", p);
  const overlay = control(property("overlay"), "overlay", value => setProperty("overlay", value));
  shows.get("overlay").push(overlay.show);
  $("overlay").append(...overlay.elements);
  for (const p of state.properties)
    showProperty(p.name, p.value);
}

function fillPresets() {
  $("presets").replaceChildren(...state.presets.map(name => {
    const button = make("button", {id: `preset-${name}`}, name);
    button.addEventListener("click", () => attempt(() => request("POST", "/api/preset", {name})));
    return button;
  }));
}

// ---- pictures ----

const allPictures = () =>
  state.folders.flatMap(({pictures}, folder) => pictures.map(name => ({folder, name})));

const choosePicture = place => attempt(() => request("POST", "/api/picture", place));

function fillPictures() {
  let number = 0;
  $("pictures").replaceChildren(...state.folders.filter(f => f.pictures.length).map(folder => {
    const index = state.folders.indexOf(folder);
    const tiles = folder.pictures.map(name => {
      number++;
      const image = make("img", {src: `/api/thumbnails/${index}/${encodeURIComponent(name)}`, alt: name, loading: "lazy"});
      const place = {folder: index, name};
      const tile = make("button", {className: "tile", title: name}, image);
      tile.setAttribute("aria-pressed", isSet(state.picture, place));
      if (number <= 9)
        tile.append(make("span", {className: "number"}, String(number)));
      tile.addEventListener("click", () => choosePicture(place));
      return tile;
    });
    return make("div", {}, make("p", {className: "hint"}, folder.name), make("div", {className: "tiles"}, ...tiles));
  }));
}

async function upload(files) {
  for (const file of files) {
    if (file.size > state["upload-limit"]) {
      say(`${file.name} is too large: the limit is ${state["upload-limit"] >> 20} MiB.`, "problem");
      continue;
    }
    const place = await attempt(() => request("PUT", `/api/uploads/${encodeURIComponent(file.name)}`, file));
    if (place) {
      say(`added ${place.name}`);
      await choosePicture(place);
    }
  }
}

let dragged = 0; // elements of the page that the files are over
function listenToDrops() {
  const show = () => { $("drop").hidden = dragged <= 0; };
  addEventListener("dragenter", event => { event.preventDefault(); dragged++; show(); });
  addEventListener("dragleave", () => { dragged--; show(); });
  addEventListener("dragover", event => event.preventDefault());
  addEventListener("drop", event => {
    event.preventDefault();
    dragged = 0;
    show();
    upload([...event.dataTransfer.files]);
  });
}

// ---- outputs ----

function showOutputs(outputs) {
  state.outputs = outputs;
  const {recording, stream} = outputs;
  $("record").setAttribute("aria-pressed", Boolean(recording));
  $("record").disabled = Boolean(recording?.stopping);
  $("record").textContent = recording ? `Stop recording (${recording.frames} frames)` : "Record";
  $("stream-button").textContent = stream ? "Stop stream" : "Start stream";
  $("stream-button").setAttribute("aria-pressed", Boolean(stream));
  $("stream-status").textContent = stream ? `${stream.frames} frames to ${stream.to}` : "";
}

function fillRecordings() {
  $("recordings").replaceChildren(...state.recordings.map(name =>
    make("li", {}, make("a", {href: `/recordings/${encodeURIComponent(name)}`, download: name}, name))));
}

const toggle = (name, body) =>
  attempt(() => request("POST", `/api/${name}/${state.outputs[name] ? "stop" : "start"}`, state.outputs[name] ? undefined : body));

function showStats({frames, dropped, confidence, ms}) {
  graphs.ms.add(ms);
  graphs.confidence.add(confidence);
  $("ms").textContent = `${ms.toFixed(1)} ms`;
  $("confidence").textContent = confidence.toFixed(2);
  $("status").textContent = `${state.from} · ${frames} frames, ${dropped} dropped`;
}

// ---- keys ----

function press(key) {
  const strength = property("strength").value;
  const clamped = value => Math.min(property("strength").max, Math.max(property("strength").min, value));
  if (key >= "1" && key <= "9") {
    const place = allPictures()[key - 1];
    if (place)
      choosePicture(place);
    else
      say(`there is no picture ${key}`, "problem");
  } else if (key === "x")
    $("neutral").click();
  else if (key === "+" || key === "=")
    setProperty("strength", clamped(strength + STRENGTH_STEP));
  else if (key === "-")
    setProperty("strength", clamped(strength - STRENGTH_STEP));
  else if (key === "o") {
    const now = OVERLAYS.findIndex(overlay => isSet([...overlay].sort(), [...property("overlay").value].sort()));
    setProperty("overlay", OVERLAYS[(now + 1) % OVERLAYS.length]);
  } else if (key === "q")
    $("quit-dialog").showModal();
}

function listenToKeys() {
  addEventListener("keydown", event => {
    const typing = event.target.matches("input:not([type=checkbox]):not([type=range]):not([type=file]), select");
    if (state && !typing && !$("quit-dialog").open && !event.ctrlKey && !event.metaKey && !event.altKey)
      press(event.key.length === 1 ? event.key.toLowerCase() : event.key);
  });
}

// ---- the connection ----

const news = {
  state(message) {
    state = message;
    fillProperties();
    fillPresets();
    fillPictures();
    fillRecordings();
    showOutputs(state.outputs);
  },
  property: ({name, value}) => showProperty(name, value),
  folders({folders}) {
    state.folders = folders;
    fillPictures();
  },
  picture({picture}) {
    state.picture = picture;
    fillPictures();
    say(picture ? `picture ${picture.name}` : "picture");
  },
  event({event, ...fields}) {
    if (event !== "source-changed")
      say([event, ...Object.entries(fields).filter(([name]) => name !== "type").map(([, value]) => value)].join(" "));
  },
  problem: ({text}) => say(text, "problem"),
  recording({error, name, recordings}) {
    state.recordings = recordings;
    fillRecordings();
    if (name)
      say(`recorded ${name}`);
    if (error)
      say(error, "problem");
  },
  stream: ({error}) => error ? say(error, "problem") : say("the stream has ended"),
  stats({stats, outputs}) {
    showStats(stats);
    showOutputs(outputs);
  },
  ended({text}) {
    ended = true;
    say(text || "fomo-live has ended", text ? "problem" : "event");
  },
};

async function showFrame(blob) {
  const image = await createImageBitmap(blob);
  const canvas = $("preview");
  if (canvas.width !== image.width || canvas.height !== image.height)
    Object.assign(canvas, {width: image.width, height: image.height});
  canvas.getContext("2d").drawImage(image, 0, 0);
  canvas.dataset.frames = Number(canvas.dataset.frames ?? 0) + 1;
  image.close();
}

function connect() {
  const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/live`);
  socket.binaryType = "blob";
  let seen = 0;
  // A message counts as seen when it is shown: a slow telephone gets as many frames as it can draw.
  socket.addEventListener("message", async ({data}) => {
    try {
      if (typeof data === "string") {
        const message = JSON.parse(data);
        news[message.type]?.(message);
      } else
        await showFrame(data);
    } finally {
      seen++;
      if (socket.readyState === WebSocket.OPEN)
        socket.send(JSON.stringify({seen}));
    }
  });
  socket.addEventListener("close", () => {
    $("status").textContent = ended ? "fomo-live has ended." : "No connection; trying again …";
    setTimeout(connect, 1000);
  });
  socket.addEventListener("open", () => { ended = false; $("status").textContent = "Connected"; });
}

$("neutral").addEventListener("click", () => attempt(() => request("POST", "/api/neutral")));
$("record").addEventListener("click", () => toggle("recording"));
$("refresh").addEventListener("click", () => attempt(() => request("POST", "/api/refresh")));
$("quit").addEventListener("click", () => $("quit-dialog").showModal());
$("quit-yes").addEventListener("click", () => attempt(() => request("POST", "/api/quit")));
$("stream").addEventListener("submit", event => {
  event.preventDefault();
  toggle("stream", {uri: $("uri").value.trim()});
});
$("file").addEventListener("change", async () => {
  await upload([...$("file").files]);
  $("file").value = "";
});
listenToDrops();
listenToKeys();
connect();
