// Whoever points at a link to a term, a work or a figure, or comes to it by keyboard, sees what is there.

"use strict";

(() => {
  const here = document.currentScript.src;
  const root = new URL("..", here).href;
  const wait = 300; // milliseconds, so that nothing flashes up on the way across a page
  const box = Object.assign(document.createElement("div"), { id: "preview", className: "preview" });
  box.setAttribute("role", "tooltip");
  box.hidden = true;
  document.body.append(box);
  let told = null; // all that can be shown, once somebody has pointed at a link
  let timer = 0;
  let shown = null;

  const load = () => (told ??= new Promise((go) => {
    const script = document.createElement("script");
    script.src = new URL("book-previews.js", here).href;
    script.onload = () => go(window.bookPreviews);
    script.onerror = () => go({});
    document.head.append(script);
  }));

  const hide = () => {
    clearTimeout(timer);
    shown?.removeAttribute("aria-describedby");
    shown = null;
    box.hidden = true;
  };

  const show = async (link) => {
    const text = (await load())[link.href.startsWith(root) ? link.href.slice(root.length) : ""];
    if (!text || !link.matches(":hover, :focus")) return;
    hide();
    box.innerHTML = text; // the book's own
    for (const image of box.querySelectorAll("img")) image.src = root + image.getAttribute("src");
    box.hidden = false;
    shown = link;
    link.setAttribute("aria-describedby", box.id);
    const place = link.getClientRects()[0];
    const { offsetWidth: wide, offsetHeight: high } = box;
    const below = place.bottom + high + 8 < innerHeight || place.top < high + 8;
    box.style.left = `${scrollX + Math.max(8, Math.min(place.left, document.documentElement.clientWidth - wide - 8))}px`;
    box.style.top = `${scrollY + (below ? place.bottom + 4 : place.top - high - 4)}px`;
  };

  const soon = (act, ...given) => {
    clearTimeout(timer);
    timer = setTimeout(act, wait, ...given);
  };
  const linkOf = (target) => target.closest?.("article a.reference.internal[href*='#']");

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const link = linkOf(event.target);
    if (link && link !== shown) soon(show, link);
    else if (!link && !box.contains(event.target)) shown ? soon(hide) : clearTimeout(timer);
    else clearTimeout(timer);
  });
  document.addEventListener("focusin", (event) => {
    const link = linkOf(event.target);
    if (link && link.matches(":focus-visible")) soon(show, link);
  });
  document.addEventListener("focusout", hide);
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
})();
