// Gives the examples their buttons where the page is served. A page that is opened from the disk may
// load no modules: there it stays as it is printed.
if (location.protocol.startsWith("http")) import(new URL("live.mjs", document.currentScript.src));
