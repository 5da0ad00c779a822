// What the elements share. The files of this folder are sent as one module (articles/elements).
const SITE = new URL("../", import.meta.url);
const STYLE = new CSSStyleSheet();
STYLE.replaceSync(`
  :host { display: block; font: inherit; color: inherit; overflow-wrap: break-word; text-align: start; }
  *, ::before, ::after { box-sizing: border-box; }
  .box { border-block-start: var(--hromada-rule, 1px solid color-mix(in srgb, currentcolor 25%, transparent)); padding-block: 1em 1.5em; }
  h2 { font: inherit; font-size: 1.3em; font-weight: 600; line-height: 1.2; margin: 0 0 .4em; text-wrap: balance; }
  h3 { font: inherit; font-weight: 600; margin: 1em 0 .3em; }
  p, ul, ol, blockquote { margin: 0 0 .75em; max-inline-size: 65ch; }
  ul, ol { padding-inline-start: 1.2em; }
  :is(.box, .says) > :last-child { margin-block-end: 0; }
  a { color: inherit; text-decoration-color: var(--accent); text-underline-offset: .18em; }
  :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
  .small { font-size: .875em; opacity: .85; }
  .acts { display: flex; flex-wrap: wrap; gap: .6em 1.2em; align-items: center; max-inline-size: none; }
  .button { font: inherit; font-family: var(--hromada-sans, system-ui, sans-serif); display: inline-flex; align-items: center;
    min-block-size: 44px; padding: .3em 1em; border: 1.5px solid var(--accent); border-radius: 2px; background: none; color: inherit;
    text-decoration: none; cursor: pointer; font-variant-numeric: tabular-nums; }
  .button.main { background: var(--accent); color: var(--on-accent); font-weight: 600; }
  .button[disabled] { border-color: color-mix(in srgb, currentcolor 30%, transparent); opacity: .65; cursor: default; }
  .close { font: inherit; background: none; border: 0; color: inherit; min-inline-size: 44px; min-block-size: 44px; cursor: pointer; }
  .stage { position: absolute; visibility: hidden; }
  @media print { :host(:not(hromada-correction)), .on-screen { display: none !important; } }
`);

/** The address of this article: what it calls itself, if that is on its own site. */
function article() {
  const its = document.querySelector("link[rel=canonical]")?.href ?? "";
  const here = its.startsWith(`${location.origin}/`) ? its : location.origin + location.pathname;
  try {
    return decodeURI(here.split("#")[0]);
  } catch {
    return here.split("#")[0];
  }
}

const address = (path, query = {}) => {
  const to = new URL(path, SITE);
  for (const [name, value] of Object.entries(query)) {
    [value].flat().forEach((one) => to.searchParams.append(name, one));
  }
  return to.href;
};

const asked = new Map();

/** What our site says at `path`, asked once for all elements; null if it does not answer. */
function told(path, query) {
  const at = address(path, query);
  if (!asked.has(at)) {
    const answer = fetch(at, { credentials: "omit", referrerPolicy: "no-referrer" });
    const its = answer.then((one) => (one.ok ? one.json() : null)).catch(() => null);
    asked.set(at, its);
    its.then((answered) => answered ?? asked.delete(at));
  }
  return asked.get(at);
}

const TAGS = new Set(["a", "blockquote", "br", "em", "h2", "h3", "li", "ol", "p", "strong", "ul"]);

/** What the newsroom wrote: texts, and lists of a tag, where a link leads, and what is inside. */
function written(parts) {
  return parts.map((part) => {
    if (typeof part === "string") return part;
    const [tag, href, inside] = part;
    if (!TAGS.has(tag)) return "";
    const its = h(tag, {}, ...written(inside));
    if (tag === "a" && /^(https?|mailto|tel):/i.test(href)) its.href = href;
    return its;
  });
}

function h(tag, its = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(its)) {
    if (name in made) made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...inside.filter((one) => one !== null && one !== undefined));
  return made;
}

const fill = (text, facts) => text.replace(/\{(\w+)\}/g, (as, name) => facts[name] ?? as);

/** Choices that a reader made, and that they are a patron; a browser may keep nothing at all. */
const kept = {
  until: (name) => {
    try {
      return Number(localStorage.getItem(`hromada-${name}`)) > Date.now();
    } catch {
      return false;
    }
  },
  keep: (name, days) => {
    try {
      localStorage.setItem(`hromada-${name}`, String(Date.now() + days * 864e5));
    } catch {}
  },
};

/** Count that something was shown or pressed; of nobody who asks not to be followed. */
function count(what) {
  if (navigator.globalPrivacyControl || navigator.doNotTrack === "1") return;
  navigator.sendBeacon?.(address("embed/seen"), new URLSearchParams({ what, at: article() }));
}

/** A patron came by our link: the mark in the address is shown to us once, and taken out of it.
 * Whether it is "now" that they came, or that they are one all the same. */
const recognised = (async () => {
  const [, mark] = location.hash.match(/^#hromada=([\w.-]+)$/) ?? [];
  if (mark) {
    history.replaceState(history.state, "", location.pathname + location.search);
    const its = await told(`embed/mark/${mark}`);
    if (its?.days > 0) {
      kept.keep("patron", its.days);
      return "now";
    }
  }
  return kept.until("patron");
})();

/** Whether it is seen now, or, where it is to come out of sight, once it has. */
const inView = (one, now) =>
  new Promise((done) => {
    const watch = new IntersectionObserver((seen) => {
      const isSeen = seen.at(-1).isIntersecting;
      if (!now && isSeen) return;
      watch.disconnect();
      done(isSeen);
    });
    watch.observe(one);
  });

class Told extends HTMLElement {
  async connectedCallback() {
    if (this.begun) return;
    this.begun = true;
    this.code = (this.closest("[lang]")?.lang || navigator.language).toLowerCase();
    const newsroom = await told(`embed/${encodeURIComponent(this.code)}/newsroom.json`);
    if (!newsroom || !this.isConnected) return;
    this.newsroom = newsroom;
    this.words = newsroom.words;
    await this.show();
  }

  /** What this article is told of itself; it may be known by its address in another language. */
  about() {
    const others = [...document.querySelectorAll("link[rel=alternate][hreflang]")].map((its) => its.href);
    const at = [article(), ...others.filter((one) => one.startsWith(`${location.origin}/`)).slice(0, 8)];
    return told(`embed/${encodeURIComponent(this.code)}/article.json`, { at });
  }

  /** Put this in place of what stands here without us, and move nothing that is being read. */
  async put(...inside) {
    if (!this.shadowRoot) {
      const { accent, accent_dark, on_accent, on_accent_dark } = this.newsroom;
      const brand = new CSSStyleSheet();
      brand.replaceSync(`:host {
        --accent: var(--hromada-accent, ${accent}); --on-accent: var(--hromada-on-accent, ${on_accent});
        --accent: var(--hromada-accent, light-dark(${accent}, ${accent_dark}));
        --on-accent: var(--hromada-on-accent, light-dark(${on_accent}, ${on_accent_dark})); }`);
      this.attachShadow({ mode: "open" }).adoptedStyleSheets = [STYLE, brand, ...(this.constructor.sheets ?? [])];
      this.shadowRoot.addEventListener("click", (event) => {
        if (event.target.closest("[data-pressed]")) count("pressed");
      });
    }
    this.lang = this.newsroom.language;
    if (!this.filled) await this.room(inside);
    this.filled = true;
    this.shadowRoot.replaceChildren(...inside);
  }

  /** Be gone, whatever the article's own style says of elements like this. */
  close() {
    this.style.setProperty("display", "none", "important");
  }

  /** Something that stands over the page, apart from this. */
  apart(...inside) {
    const place = h("div", { lang: this.lang });
    place.attachShadow({ mode: "open" }).adoptedStyleSheets = this.shadowRoot.adoptedStyleSheets;
    place.shadowRoot.append(...inside);
    document.body.append(place);
    return place;
  }

  /** Whether nothing follows in the article but elements of ours: what they push down is not read. */
  get isLast() {
    if (this.getAttribute("place") === "middle") return false;
    let at = this;
    do {
      for (let its = at.nextElementSibling; its; its = its.nextElementSibling) {
        if (!its.localName.startsWith("hromada-") && its.textContent.trim()) return false;
      }
      at = at.parentElement;
    } while (at && !at.matches("article, main, body") && !at.querySelector(":scope > p"));
    return true;
  }

  /** Wait until this has as much room as it takes, or nobody sees how it takes it. */
  async room(inside) {
    const stage = h("div", { className: "stage" }, ...inside);
    stage.style.inlineSize = `${this.clientWidth}px`;
    this.shadowRoot.replaceChildren(h("slot"), stage);
    const needed = stage.offsetHeight;
    stage.remove();
    if (!(await inView(this, true))) return;
    if (needed > this.offsetHeight + 1) await (this.isLast || inView(this, false));
    else this.style.minBlockSize = `${this.offsetHeight}px`;
  }
}

const styled = (css) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  return [sheet];
};
