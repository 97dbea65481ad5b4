// Read from the disk, a page may not fetch another; the summaries of search results then come
// from the words of all pages, which a script may bring.
if (location.protocol === "file:") {
  const said = new Promise((tell) => { window.bookWords = tell; });
  const script = document.createElement("script");
  script.src = new URL("_static/search-words.js", location.href).href;
  document.head.append(script);

  const root = new URL(".", location.href).href;
  window.fetch = async (url) => {
    const page = new URL(url, location.href).href.slice(root.length).split("#")[0];
    return new Response((await said)[page] ?? "");
  };
}
