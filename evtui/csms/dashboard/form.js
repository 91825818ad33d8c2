// A form from a JSON schema, and the value that was filled in: what is optional and left empty is left out.
import { el } from "./dom.js";

let numbers = 0;

// The schemas' descriptions are written for HTML.
const plain = (text) => text.replace(/&lt;&lt;.*?,\s*/g, "").replaceAll("&gt;&gt;", "").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&").replace(/\s+/g, " ").slice(0, 220);

export class Form {
  constructor(schema, value = {}) {
    this.definitions = schema.definitions ?? {};
    this.root = this.object(schema, value, true);
    this.element = this.root.element;
  }

  // Throws an Error that names the field.
  get value() { return this.root.read() ?? {}; }

  field(name, schema, value, required) {
    if (schema.$ref) schema = { ...this.definitions[schema.$ref.split("/").pop()], description: schema.description };
    if (schema.type === "object") return this.group(name, schema, value, required);
    if (schema.type === "array") return this.list(name, schema, value, required);
    return simple(name, schema, value, required);
  }

  group(name, schema, value, required) {
    if (!Object.keys(schema.properties ?? {}).length) return simple(name, { ...schema, type: "json" }, value, required);
    const inner = this.object(schema, value ?? {}, required);
    return { element: el("fieldset", {}, legend(name, required), hint(schema), inner.element), read: () => inner.read() };
  }

  object(schema, value, required) {
    const must = new Set(schema.required ?? []);
    const names = Object.keys(schema.properties ?? {}).filter((name) => name !== "customData" || value?.customData);
    const fields = new Map();
    const add = (name, place) => {
      const field = this.field(name, schema.properties[name], value?.[name], must.has(name));
      fields.set(name, field);
      place.append(field.element);
    };
    const element = el("div", { class: "inner" });
    const given = (name) => must.has(name) || value?.[name] !== undefined;
    for (const name of names.filter(given)) add(name, element);
    const optional = names.filter((name) => !given(name));
    if (optional.length) {
      const place = el("div", { class: "inner" });
      // Built when it is opened: schemas nest deep.
      element.append(el("details", { ontoggle: () => { if (!place.children.length) for (const name of optional) add(name, place); } }, el("summary", {}, optional.length === 1 ? `1 optional field: ${optional[0]}` : `${optional.length} optional fields`), place));
    }
    return { element, read: () => {
      const read = {};
      for (const [name, field] of fields) {
        const found = field.read();
        if (found !== undefined) read[name] = found;
      }
      return required || Object.keys(read).length ? read : undefined;
    } };
  }

  list(name, schema, value, required) {
    const items = [];
    const place = el("div", { class: "inner" });
    const add = (each) => {
      const field = this.field(`${name} ${items.length + 1}`, schema.items ?? {}, each, true);
      items.push(field);
      const box = el("div", { class: "stack" }, field.element, el("div", {}, el("button", { type: "button", class: "small", onclick: () => { items.splice(items.indexOf(field), 1); box.remove(); } }, "Remove")));
      place.append(box);
    };
    for (const each of value ?? []) add(each);
    if (required && !items.length) for (let i = 0; i < (schema.minItems ?? 1); i++) add(undefined);
    return {
      element: el("fieldset", {}, legend(name, required), hint(schema), place, el("div", {}, el("button", { type: "button", class: "small", onclick: () => add(undefined) }, "Add one"))),
      read: () => items.length || required ? items.map((each) => each.read()) : undefined,
    };
  }
}

const legend = (name, required) => el("legend", {}, name, required ? el("span", { class: "must", title: "required" }, " *") : "");
const hint = (schema) => schema.description ? el("div", { class: "hint" }, plain(schema.description)) : null;

function simple(name, schema, value, required) {
  const id = `field-${++numbers}`;
  const choices = schema.enum ?? (schema.type === "boolean" ? ["true", "false"] : null);
  const input = choices
    ? el("select", { id, class: "wide" }, required && value === undefined && choices.length === 1 ? null : el("option", { value: "" }, required ? "choose" : "left out"), choices.map((each) => el("option", { value: each, selected: String(value) === String(each) }, each)))
    : el(schema.type === "json" || schema.maxLength > 300 ? "textarea" : "input", { id, class: "wide", ...limits(schema), placeholder: schema.format === "date-time" ? new Date().toISOString().slice(0, 19) + "Z" : "" });
  if (!choices && value !== undefined) input.value = typeof value === "object" ? JSON.stringify(value) : value;
  const wrong = (why) => { input.setAttribute("aria-invalid", "true"); input.focus(); return new Error(`${name}: ${why}`); };
  return {
    element: el("div", { class: "field" }, el("label", { for: id }, name, required ? el("span", { class: "must", title: "required" }, " *") : ""), input, hint(schema)),
    read: () => {
      input.removeAttribute("aria-invalid");
      const text = input.value.trim();
      if (text === "") {
        if (!required) return undefined;
        if (choices || schema.type !== "string") throw wrong("is required");
        return "";
      }
      if (schema.type === "boolean") return text === "true";
      if (schema.type === "integer" || schema.type === "number") {
        const number = Number(text);
        if (!Number.isFinite(number) || (schema.type === "integer" && !Number.isInteger(number))) throw wrong(`must be a ${schema.type === "integer" ? "whole " : ""}number`);
        return number;
      }
      if (schema.type === "string" || choices) return text;
      try { return JSON.parse(text); } catch { return text; }
    },
  };
}

const limits = (schema) => ({ maxlength: schema.type === "string" && schema.maxLength ? String(schema.maxLength) : undefined, inputmode: schema.type === "integer" ? "numeric" : schema.type === "number" ? "decimal" : undefined, autocomplete: "off", spellcheck: "false" });
