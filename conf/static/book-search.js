/* Search by section, in place of Sphinx's search of whole pages. All places that can be found stand
   in search-places.js; words are compared by their stems, as Sphinx has them. */

"use strict";

{
  const ALIKE = [ // words that mean the same to who looks for them; the book may use only one
    "gpu cuda graphics", "diverge divergence explode blow grow", "initialization initialisation init start",
    "zero_grad zero_gradients", "zero reset", "train training learn", "stuck stay plateau flat", "decrease fall",
    "rise up increase", "sort order", "distributed processes machines parallel", "topological topologically",
    "twice second again", "leak memory", "nan non-finite", "normalization normalisation", "split part",
    "save keep store", "resume continue", "error exception", "dead dying", "slow speed fast",
    "picture image", "optimizer optimiser", "regularization decay", "lr rate", "grad gradient", "high large big", "low small", "wrong bad", "sgd descent",
    "test unseen held-out validation", "recurrent rnn", "batchnorm normalisation", "loss cost",
  ].map((words) => words.split(" "));
  const IDLE = new Set(("a an and are as at be but by can do does for from get go goes how i if in into is it its my of on or so that the "
    + "their then there these this to too very was what when where which why will with you your").split(" "));
  const KIND = { page: 1.4, section: 1, symptom: 1.4, term: 1.6, name: 0.45 };
  const APART = [[/^reference\/(?!glossary|symptoms)/, 0.7], [/^building\//, 0.8], [/^workbench\//, 0.8]]; // not the story itself
  const MINOR = 0.6; // what a chapter ends with says again what stands before it
  const ENDS = /^(exercises|summary|further reading|bring your own data|the checkpoint)$/i;
  const NAMED = 1.8; // a name of the package for who writes it as code
  const LABEL = { page: "", section: "", symptom: "symptom", term: "glossary", name: "package" };
  const MOST = 30; // results that are shown
  const stemmer = new Stemmer();

  const words = (text) => text.toLowerCase().match(/[\p{L}\p{N}_]+(?:-[\p{L}\p{N}_]+)*/gu) ?? [];
  const split = (text) => words(text).flatMap((word) => (word.includes("-") || /^[a-z]+_[a-z_]+$/.test(word) ? [word, ...word.split(/[-_]/)] : [word])).filter(Boolean);
  const stem = (word) => stemmer.stemWord(word);

  const count = (text) => {
    const found = new Map();
    for (const word of split(text)) found.set(stem(word), (found.get(stem(word)) ?? 0) + 1);
    return found;
  };

  const places = bookPlaces.map((place) => ({
    ...place,
    titled: count(place.title),
    paged: count(place.page),
    says: count(place.text),
    worth: KIND[place.kind] * (APART.find(([which]) => which.test(place.at)) ?? ["", 1])[1] * (ENDS.test(place.title) ? MINOR : 1),
    length: Math.max(1, words(place.text).length),
  }));
  const mean = places.reduce((sum, { length }) => sum + length, 0) / places.length;
  const holding = new Map(); // in how many places a word is
  for (const { titled, says } of places) {
    for (const word of new Set([...titled.keys(), ...says.keys()])) holding.set(word, (holding.get(word) ?? 0) + 1);
  }
  const rarity = (word) => Math.log(1 + places.length / (1 + (holding.get(word) ?? 0)));

  /* A word that is asked for, as the stems that answer it, each with how well it does. */
  function answers(word) {
    const found = new Map([[stem(word), 1]]);
    for (const group of ALIKE) {
      if (group.some((each) => stem(each) === stem(word))) {
        for (const each of group) if (!found.has(stem(each))) found.set(stem(each), 0.75);
      }
    }
    if (word.length > 3) {
      for (const known of holding.keys()) {
        if (!found.has(known) && known.startsWith(stem(word))) found.set(known, 0.5);
      }
    }
    return [...found];
  }

  function rank(query) {
    const asked = [...new Set(words(query))];
    const terms = asked.filter((word) => !IDLE.has(word) && !/^\d+$/.test(word));
    if (!terms.length) return { terms: [], found: [] };
    const wanted = terms.map(answers);
    const weights = terms.map((word) => Math.max(...answers(word).map(([each, share]) => share * rarity(each))));
    const exact = terms.map(stem).join(" ");
    const scored = places.map((place) => {
      let [score, met, inTitle] = [0, 0, 0];
      wanted.forEach((stems, i) => {
        const best = (where) => stems.reduce((most, [each, share]) => Math.max(most, (where.get(each) ?? 0) && share), 0);
        const often = stems.reduce((most, [each, share]) => {
          const n = place.says.get(each) ?? 0;
          return Math.max(most, (share * n * 2.2) / (n + 1.2 * (0.3 + 0.7 * (place.length / mean))));
        }, 0);
        const [title, page] = [best(place.titled), best(place.paged)];
        if (title || often || page) met += 1;
        inTitle += title;
        score += weights[i] * (3.5 * title + 1.2 * page + often);
      });
      const size = [...place.titled.keys()].filter((word) => !IDLE.has(word)).length;
      if (inTitle) score *= 1 + inTitle / Math.max(size, terms.length);
      if (place.kind !== "name" && [...place.titled.keys()].join(" ") === exact) score *= 1.4;
      if (place.kind === "term" && inTitle < terms.length) score *= 0.7 / KIND.term; // it defines another word
      if (place.kind === "name" && /[_.(]|[a-z][A-Z]/.test(query)) score *= NAMED / KIND.name;
      return { place, met, score: score * place.worth * (met / terms.length) ** 3 };
    });
    const found = scored.filter(({ score }) => score > 0).sort((a, b) => b.score - a.score);
    return { terms, found: found.slice(0, MOST) };
  }

  /* The sentences that hold most of what was asked for. */
  function context(text, terms) {
    const stems = terms.flatMap((word) => answers(word).map(([each]) => each));
    const sentences = text.match(/[^.!?]+[.!?]*\s*/g) ?? [text];
    const worth = sentences.map((sentence) => {
      const said = count(sentence);
      return stems.filter((each) => said.has(each)).length;
    });
    const first = worth.indexOf(Math.max(...worth, 0));
    const shown = sentences.slice(Math.max(0, first), first + 3).join("").trim();
    return shown.length > 260 ? `${shown.slice(0, 257).replace(/\s+\S*$/, "")} …` : shown;
  }

  function item({ place }, terms) {
    const entry = document.createElement("li");
    entry.className = `kind-${place.kind}`;
    const link = entry.appendChild(document.createElement("a"));
    link.href = (document.documentElement.dataset.content_root ?? "./") + place.at;
    link.textContent = place.title;
    const where = [LABEL[place.kind], place.kind === "page" ? "" : place.page].filter(Boolean).join(", in ");
    if (where) {
      const label = entry.appendChild(document.createElement("span"));
      label.className = "descr";
      label.textContent = ` (${where})`;
    }
    const summary = place.kind === "name" ? place.text : context(place.text, terms);
    if (summary) {
      const said = entry.appendChild(document.createElement("p"));
      said.className = "context";
      said.textContent = summary;
    }
    return entry;
  }

  Search.performSearch = (query) => {
    const { terms, found } = rank(query);
    const title = document.createElement("h2");
    title.textContent = found.length ? "Search results" : "Nothing found";
    const summary = document.createElement("p");
    summary.className = "search-summary";
    summary.setAttribute("role", "status");
    summary.textContent = found.length
      ? `The best ${found.length === 1 ? "place" : `${found.length} places`} for “${query}”.`
      : `No page says anything of “${query}”. The glossary and the index of symptoms have other words for many things.`;
    const list = document.createElement("ul");
    list.className = "search";
    list.setAttribute("role", "list");
    list.append(...found.map((each) => item(each, terms)));
    document.getElementById("search-results").replaceChildren(title, summary, list);
  };
  Search.setIndex = () => {}; // of whole pages
}
