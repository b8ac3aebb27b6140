// Keys and small comforts. Every page works without this file.
"use strict";
(() => {
  const off = () => localStorage.getItem("keys") === "off";
  const typing = (node) => node.closest("input, textarea, select, [contenteditable]") !== null;
  const visible = (node) => node.getClientRects().length > 0;
  const keyed = () => [...document.querySelectorAll("[data-key]")].filter(visible);
  const rows = () => [...document.querySelectorAll("[data-row]")].filter(visible);

  // An element with data-key is pressed by that key: a field is focused, anything else is clicked.
  const press = (node) => {
    if (node.matches("input, textarea, select, summary, [data-key-focus]")) node.focus();
    if (!node.matches("input:not([type=checkbox]), textarea, select, [data-key-focus]")) node.click();
  };

  const step = (by) => {
    const all = rows();
    if (all.length === 0) return;
    const at = all.findIndex((row) => row.contains(document.activeElement));
    const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1);
    const target = all[next].matches("a, button") ? all[next] : all[next].querySelector("a, button");
    if (target) { target.focus(); target.scrollIntoView({ block: "nearest" }); }
  };

  const help = () => {
    const dialog = document.getElementById("keys");
    const list = dialog.querySelector("dl");
    list.replaceChildren();
    const add = (key, words) => {
      const term = document.createElement("dt");
      const mark = document.createElement("kbd");
      mark.textContent = key;
      term.append(mark);
      const about = document.createElement("dd");
      about.textContent = words;
      list.append(term, about);
    };
    if (rows().length) add("j / k", list.dataset.rows);
    if (document.querySelector("[data-row] input[type=checkbox]")) add("x", list.dataset.pick);
    const seen = new Set();
    for (const node of keyed()) {
      if (seen.has(node.dataset.key)) continue;
      seen.add(node.dataset.key);
      add(node.dataset.key, node.dataset.keyWords || node.getAttribute("aria-label") || node.textContent.trim() || node.name);
    }
    if (document.querySelector("main :is(input:not([type=hidden], [type=checkbox], [type=radio]), textarea)")) add("Esc", list.dataset.leave);
    document.getElementById("keys-off").checked = off();
    dialog.showModal();
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === "Escape" && typing(event.target)) { event.target.blur(); return; }
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "?") { event.preventDefault(); help(); return; }
    if (off()) return;
    if (event.key === "j" || event.key === "k") { event.preventDefault(); step(event.key === "j" ? 1 : -1); return; }
    if (event.key === "x") {
      const row = rows().find((each) => each.contains(document.activeElement));
      const box = row && row.querySelector("input[type=checkbox]");
      if (box) { event.preventDefault(); box.click(); return; }
    }
    const node = keyed().find((each) => each.dataset.key === event.key);
    if (node) { event.preventDefault(); press(node); }
  });

  const opener = document.getElementById("keys-open");
  if (opener) { opener.hidden = false; opener.addEventListener("click", help); }

  document.addEventListener("change", (event) => {
    if (event.target.id === "keys-off") localStorage.setItem("keys", event.target.checked ? "off" : "on");
    if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
    if (event.target.matches("[data-same]")) together();
  });

  // What the page brings by itself must not take the focus away: where it stood in what was changed, it stays there.
  let within = false;
  document.addEventListener("htmx:beforeSwap", (event) => { within = event.detail.target.contains(document.activeElement); });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (within && document.activeElement === document.body) document.getElementById(event.detail.target.id)?.focus();
    within = false;
  });

  // Only identical changes can be decided together: once one is selected, the others that are like it stay choosable.
  const together = () => {
    const boxes = [...document.querySelectorAll("[data-same]")];
    const chosen = boxes.find((box) => box.checked);
    for (const box of boxes) box.disabled = chosen !== undefined && !box.checked && box.dataset.same !== chosen.dataset.same;
  };
  together();

  // Copying needs this file, so its buttons appear with it.
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const said = document.getElementById("said");
      said.textContent = "";
      try {
        await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
        button.dataset.done = "yes";
        said.textContent = said.dataset.copied;
      } catch {
        said.textContent = said.dataset.failed;
      }
    });
  }
})();
