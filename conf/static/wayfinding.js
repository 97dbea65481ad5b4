// The sidebar shows where one is, the narrow header says the chapter's title, and what scrolls to
// the side shows on which side it goes on.

"use strict";

addEventListener("load", () => { // when all has its place
  const scroll = document.querySelector(".sidebar-scroll");
  const current = scroll?.querySelector(".current-page");
  if (current) {
    const [inside, around] = [current.getBoundingClientRect(), scroll.getBoundingClientRect()];
    if (inside.bottom > around.bottom - 40 || inside.top < around.top) {
      const top = scroll.scrollTop + inside.top - around.top - around.height / 3;
      scroll.scrollTo({ top, behavior: "instant" });
    }
  }
  const brand = document.querySelector(".mobile-header .brand");
  const title = document.querySelector("article h1");
  if (brand && title && current) {
    const words = title.cloneNode(true);
    words.querySelectorAll(".headerlink").forEach((link) => link.remove());
    brand.textContent = words.textContent;
  }

  const cue = (place) => {
    const { scrollLeft, scrollWidth, clientWidth } = place;
    place.classList.toggle("goes-on", scrollLeft + clientWidth < scrollWidth - 2);
    place.classList.toggle("comes-from", scrollLeft > 2);
  };
  const sizes = new ResizeObserver((changed) => changed.forEach(({ target }) => cue(target)));
  for (const place of document.querySelectorAll(".highlight pre, figure.graph .drawing, .table-wrapper, div.math")) {
    place.addEventListener("scroll", () => cue(place), { passive: true });
    sizes.observe(place);
  }
});
