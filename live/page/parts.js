// SPDX-License-Identifier: LGPL-2.1-or-later
// Parts of the page: requests, graphs, controls of properties.

/** Sends a request. Gives the answer's JSON, or throws an Error with the server's words. */
export async function request(method, path, body) {
  const raw = body instanceof Blob;
  const response = await fetch(path, {
    method,
    body: body === undefined ? undefined : raw ? body : JSON.stringify(body),
    headers: body === undefined || raw ? {} : {"Content-Type": "application/json"},
  });
  const answer = await response.json().catch(() => ({error: `The server answers ${response.status}.`}));
  if (!response.ok)
    throw new Error(answer.error);
  return answer;
}

/** Makes an element with attributes and children. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (name in element && name !== "list")
      element[name] = value;
    else
      element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** A graph of the last values. `most`: the value at the upper edge, or null: the largest one. */
export class Graph {
  constructor(canvas, most) {
    this.canvas = canvas;
    this.most = most;
    this.values = [];
  }

  add(value) {
    const {canvas, values} = this;
    values.push(value);
    if (values.length > canvas.width)
      values.shift();
    const context = canvas.getContext("2d");
    const top = this.most ?? Math.max(...values, 1) * 1.1;
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.strokeStyle = "#4a90d9";
    context.lineWidth = 1.5;
    context.beginPath();
    values.forEach((y, i) =>
      context.lineTo(canvas.width - values.length + i, (1 - y / top) * (canvas.height - 2) + 1));
    context.stroke();
  }
}

function rangeControl(property, id, change) {
  const whole = property.type !== "double";
  const step = whole ? 1 : (property.max - property.min) / 200;
  const number = make("input", {type: "number", id: `${id}-number`, min: property.min, max: property.max,
    step: "any", title: property.blurb, "aria-label": `${property.nick}, number`});
  // A slider over billions of nanoseconds could not be aimed.
  const slider = property.max - property.min <= 10000 ?
    make("input", {type: "range", id, min: property.min, max: property.max, step, title: property.blurb}) : null;
  const set = text => text === "" || change(Number(text));
  slider?.addEventListener("input", () => set(slider.value));
  number.addEventListener("change", () => set(number.value));
  return {
    elements: [slider ?? make("span"), number],
    show: value => {
      if (slider)
        slider.value = value;
      number.value = whole ? value : Number(value.toFixed(3));
    },
  };
}

function switches(property, id, change) {
  const boxes = property.choices.map(({nick, name}) => {
    const box = make("input", {type: "checkbox", id: `${id}-${nick}`, value: nick});
    box.addEventListener("change", () => change(boxes.filter(b => b.checked).map(b => b.value)));
    return Object.assign(box, {title: name});
  });
  return {
    elements: boxes.map(box => make("label", {className: "switch", title: box.title}, box, box.value)),
    show: value => boxes.forEach(box => { box.checked = value.includes(box.value); }),
  };
}

function choice(property, id, change) {
  const select = make("select", {id, className: "wide", title: property.blurb},
    ...property.choices.map(({nick, name}) => make("option", {value: nick, title: name}, nick)));
  select.addEventListener("change", () => change(select.value));
  return {elements: [select], show: value => { select.value = value; }};
}

function flag(property, id, change) {
  const box = make("input", {type: "checkbox", id});
  box.addEventListener("change", () => change(box.checked));
  return {
    elements: [make("label", {className: "switch wide", title: property.blurb}, box, "on")],
    show: value => { box.checked = value; },
  };
}

/** The control of a property: `elements`, and `show(value)`. `change(value)` is called by clicks. */
export function control(property, id, change) {
  const kinds = {flags: switches, enum: choice, boolean: flag};
  return (kinds[property.type] ?? rangeControl)(property, id, change);
}

/** A row with a property's name, its control and a button that sets the default. */
export function propertyRow(property, id, change) {
  const {elements, show} = control(property, id, change);
  const parts = property.type === "flags" ? [make("div", {className: "row wide"}, ...elements)] : elements;
  const reset = make("button", {className: "reset", id: `${id}-reset`, title: "Default", type: "button"}, "↺");
  reset.addEventListener("click", () => change(property.default));
  const name = property.type === "flags" ? make("span", {className: "name"}, property.nick) :
    make("label", {htmlFor: elements[0].tagName === "SPAN" ? `${id}-number` : id, title: property.blurb}, property.nick);
  return {row: make("div", {className: "property"}, name, ...parts, reset), show};
}
