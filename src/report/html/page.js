"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const $ = (id) => document.getElementById(id);
  const search = $("search"), partner = $("partner"), check = $("check"), shown = $("shown"), empty = $("empty");
  const toggles = [...document.querySelectorAll("button[data-toggle]")];
  const cards = [...document.querySelectorAll("article")].map((element) => ({
    element,
    section: element.parentElement,
    rows: [...element.querySelectorAll("li[data-level]")],
    text: null,
  }));
  const sections = [...document.querySelectorAll(".partner")];
  const count = (row) => Number(row.dataset.n);
  const total = cards.reduce((n, card) => card.rows.reduce((m, row) => m + count(row), n), 0);
  const on = (name) => toggles.find((b) => b.dataset.toggle === name).getAttribute("aria-pressed") === "true";

  function apply() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = { error: on("error"), warning: on("warning"), note: on("note") };
    const accepted = on("accepted");
    let n = 0;
    for (const card of cards) {
      let any = false;
      if (!partner.value || card.section.id === partner.value) {
        card.text ??= (card.section.dataset.name + " " + card.element.textContent).toLowerCase();
        if (words.every((word) => card.text.includes(word))) {
          for (const row of card.rows) {
            const state = row.dataset.state === "open" || accepted;
            row.hidden = !(wanted[row.dataset.level] && state && (!check.value || row.dataset.check === check.value));
            if (!row.hidden) { any = true; n += count(row); }
          }
        }
      }
      card.element.hidden = !any;
    }
    for (const section of sections) section.hidden = !section.querySelector("article:not([hidden])");
    shown.textContent = n === total ? `${total} shown` : `${n} of ${total} shown`;
    empty.style.display = n === 0 && total > 0 ? "block" : "";
  }

  function reset() {
    search.value = ""; partner.value = ""; check.value = "";
    for (const toggle of toggles) toggle.setAttribute("aria-pressed", "true");
    apply();
  }

  function follow() {
    const id = decodeURIComponent(location.hash.slice(1));
    const target = id && document.getElementById(id);
    if (!target) return;
    if (target.closest("[hidden]")) { reset(); target.scrollIntoView(); }
    const box = target.closest("details");
    if (box) box.open = true;
  }

  let timer = 0;
  const later = () => { clearTimeout(timer); timer = setTimeout(apply, 80); };
  search.addEventListener("input", later);
  partner.addEventListener("change", apply);
  check.addEventListener("change", apply);
  for (const toggle of toggles) {
    toggle.addEventListener("click", () => {
      toggle.setAttribute("aria-pressed", String(toggle.getAttribute("aria-pressed") !== "true"));
      apply();
    });
  }
  $("theme").addEventListener("click", () => {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) { event.preventDefault(); search.focus(); }
    if (event.key === "Escape" && event.target === search) { search.value = ""; apply(); }
  });
  addEventListener("beforeprint", () => { for (const box of document.querySelectorAll("details")) box.open = true; });
  addEventListener("hashchange", follow);
  apply();
  follow();
})();
