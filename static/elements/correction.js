// <hromada-correction>: mark a passage, press Ctrl+Enter or tap the button beside it, and say what is wrong.
const AROUND = 32, MOST_MARKED = 1000, SHOWN_AROUND = 120;
const KEYS = /Mac|iP(hone|ad|od)/.test(navigator.platform) ? "⌘+Enter" : "Ctrl+Enter";
const BLOCKS = "p, li, blockquote, dd, dt, td, th, figcaption, h1, h2, h3, h4, h5, h6, pre";
const squeezed = (text) => text.replace(/\s+/g, " ");

/** What is marked in the article, with what stands around it; null if nothing is. */
function marked(within) {
  const chosen = getSelection();
  const exact = squeezed(String(chosen)).trim();
  if (!exact || !chosen.rangeCount) return null;
  const range = chosen.getRangeAt(0);
  const at = range.commonAncestorContainer;
  const host = at.nodeType === Node.ELEMENT_NODE ? at : at.parentElement;
  if (!within.contains(host) || host.closest("hromada-correction, input, textarea")) return null;
  const start = range.startContainer;
  const first = (start.nodeType === Node.ELEMENT_NODE ? start : start.parentElement).closest(BLOCKS);
  const block = host.closest(BLOCKS) ?? first ?? host;
  const before = (its) => {
    const part = document.createRange();
    part.selectNodeContents(its);
    part.setEnd(range.startContainer, range.startOffset);
    return squeezed(String(part));
  };
  const after = document.createRange();
  after.selectNodeContents(within);
  after.setStart(range.endContainer, range.endOffset);
  const paragraph = squeezed(block.textContent).trim();
  return {
    exact,
    prefix: before(within).slice(-AROUND),
    suffix: squeezed(String(after)).slice(0, AROUND),
    paragraph: paragraph.slice(0, 20000),
    at: paragraph.indexOf(exact, before(block).trim().length),
    range,
  };
}

class Correction extends Told {
  static sheets = styled(`
    dialog { border: 1px solid currentcolor; border-radius: 2px; background: Canvas; color: CanvasText; font: inherit;
      inline-size: min(36rem, 100vw - 1rem); max-block-size: calc(100dvh - 1rem); padding: 1.25rem; overflow-y: auto; }
    dialog::backdrop { background: rgb(0 0 0 / .5); }
    dialog p, dialog blockquote { max-inline-size: none; }
    blockquote { padding-inline-start: 1em; border-inline-start: 2px solid var(--accent); max-block-size: 10em; max-block-size: 7.6lh; overflow-y: auto; }
    mark { background: none; color: inherit; font-weight: 600; text-decoration: underline 2px var(--accent); text-underline-offset: .2em; }
    fieldset { border: 0; margin: 0 0 .75em; padding: 0; }
    legend, .label { display: block; padding: 0; font-weight: 600; }
    .option { display: flex; gap: .5em; align-items: center; min-block-size: 44px; }
    .option input { inline-size: 1.25em; block-size: 1.25em; accent-color: var(--accent); }
    textarea, .email { font: inherit; display: block; inline-size: 100%; min-block-size: 44px; padding: .4em; border: 1px solid currentcolor;
      border-radius: 2px; background: none; color: inherit; }
    .error { color: light-dark(#a3121f, #ff9d94); font-weight: 600; margin: .2em 0; }
    .error:empty { display: none; }
    .unseen { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }
    [hidden] { display: none !important; }
    .tap { position: fixed; z-index: 2147483647; background: Canvas; color: CanvasText; }
    dt { font-size: .875em; opacity: .85; } dd { margin: 0 0 .5em; }`);

  async show() {
    const { words } = this;
    const { corrections = [], ours = true } = (await this.about()) ?? {};
    if (!ours) return; // what stands here leads to a form that says so
    this.text = this.closest("article, main") ?? document.body;
    const touch = matchMedia("(pointer: coarse)").matches;
    this.put(h("section", { className: corrections.length ? "box" : "box on-screen", ariaLabel: words.mistake },
      h("p", { className: "on-screen" }, words.mistake, " ", touch ? words.how_to_tap : fill(words.how_to_report, { keys: KEYS }), " ",
        h("a", { href: address("corrections/new", { about: article() }) }, words.report)),
      ...(corrections.length ? [h("h3", {}, words.corrections), ...corrections.map((one) => this.corrected(one))] : [])));
    this.stand();
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || this.dialog.open || event.defaultPrevented) return;
      if (marked(this.text)) {
        event.preventDefault();
        this.open();
      }
    });
    if (touch) {
      document.addEventListener("selectionchange", () => this.offer());
      document.addEventListener("scroll", () => this.offer(), { passive: true });
    }
  }

  /** The dialog and the button stand by themselves: they are there before this has its room. */
  stand() {
    const { words } = this;
    this.dialog = h("dialog", { className: "on-screen", ariaLabel: words.report });
    this.dialog.addEventListener("close", () => this.before?.focus?.());
    this.tap = h("button", { className: "button tap", type: "button", hidden: true, onclick: () => this.open() }, words.report);
    this.tap.addEventListener("pointerdown", (event) => event.preventDefault());
    this.apart(this.dialog, this.tap);
  }

  /** What is marked, with so much of what stands around it that one sees where it is. */
  quoted({ exact, paragraph, at }) {
    const mark = h("mark", {}, exact);
    if (at < 0) return [mark];
    const end = at + exact.length, from = Math.max(0, at - SHOWN_AROUND), to = end + SHOWN_AROUND;
    const before = paragraph.slice(from, at).replace(from ? /^\S*/ : "", from ? "…" : "");
    const after = paragraph.slice(end, to).replace(to < paragraph.length ? /\S*$/ : "", to < paragraph.length ? "…" : "");
    return [before, mark, after];
  }

  corrected({ day, was, now }) {
    const { words } = this;
    return h("dl", {}, h("dt", {}, `${day} · ${words.it_said}`), h("dd", {}, was), h("dt", {}, words.right_is), h("dd", {}, h("strong", {}, now)));
  }

  /** The button stands below what is marked, where a phone's own menu does not. */
  offer() {
    const its = this.dialog.open ? null : marked(this.text);
    this.tap.hidden = !its;
    if (!its) return;
    const { bottom, left } = its.range.getBoundingClientRect();
    this.tap.style.insetBlockStart = `${Math.max(8, Math.min(bottom + 32, innerHeight - 60))}px`;
    this.tap.style.insetInlineStart = `${Math.max(8, Math.min(left, innerWidth - this.tap.offsetWidth - 8))}px`;
  }

  open() {
    const its = marked(this.text);
    if (!its) return;
    const { words } = this;
    this.before = document.activeElement;
    this.tap.hidden = true;
    this.errors = {};
    const form = h("form", { noValidate: true },
      h("h2", {}, words.report),
      h("blockquote", { tabIndex: 0 }, ...this.quoted(its)), this.error("exact"), this.error("article"),
      h("fieldset", {}, h("legend", {}, words.what_is_wrong), this.error("kind"),
        ...[["slip", words.a_slip], ["fact", words.a_fact], ["other", words.something_else]].map(([value, said], place) =>
          h("label", { className: "option" }, h("input", { type: "radio", name: "kind", value, defaultChecked: !place, autofocus: !place }), said))),
      this.field("right", words.what_is_right, h("textarea", { rows: 3, maxLength: MOST_MARKED })),
      this.field("email", words.email, h("input", { className: "email", type: "email", autocomplete: "email" }), words.forgotten),
      h("p", { className: "unseen", ariaHidden: "true" }, h("input", { name: "website", tabIndex: -1, autocomplete: "off" })),
      this.error(""),
      h("p", { className: "acts" }, h("button", { className: "button main" }, words.send),
        h("button", { className: "button", type: "button", onclick: () => this.dialog.close() }, words.close)));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send(form, its);
    });
    this.dialog.replaceChildren(form);
    this.dialog.showModal();
    if (its.exact.length > MOST_MARKED) this.tell({ exact: words.too_much_marked });
  }

  error(name) {
    this.errors[name] = h("p", { className: "error", role: "alert", id: `error-${name}` });
    return this.errors[name];
  }

  field(name, said, input, hint = "") {
    input.name = name;
    input.id = `its-${name}`;
    input.setAttribute("aria-describedby", `error-${name}`);
    return h("p", {}, h("label", { className: "label", htmlFor: input.id }, said), hint && h("span", { className: "small" }, hint), this.error(name), input);
  }

  /** Say at each field what is wrong with it; what was typed stays. */
  tell(told) {
    const others = Object.keys(told).filter((name) => !(name in this.errors));
    const errors = { ...told, "": [told[""], ...others.map((name) => told[name])].filter(Boolean).join(" ") };
    for (const [name, its] of Object.entries(this.errors)) its.textContent = errors[name] ?? "";
    for (const input of this.dialog.querySelectorAll("textarea, .email")) {
      input.toggleAttribute("aria-invalid", input.name in errors);
    }
    this.dialog.querySelector("[aria-invalid]")?.focus();
  }

  async send(form, { exact, prefix, suffix, paragraph }) {
    const { words, newsroom } = this;
    const button = form.querySelector(".main");
    if (button.disabled) return;
    button.disabled = true;
    const body = new URLSearchParams(new FormData(form));
    const more = { article: article(), title: document.querySelector("h1")?.textContent.trim() || document.title, exact, prefix, suffix, paragraph, lang: newsroom.language.replace("-", "_") };
    Object.entries(more).forEach(([name, value]) => body.set(name, value));
    try {
      const answer = await fetch(address("embed/correction"), { method: "POST", body, credentials: "omit", referrerPolicy: "no-referrer" });
      const told = await answer.json();
      if (answer.ok) this.thank(told);
      else this.tell(told.errors ?? { "": words.not_sent });
    } catch {
      this.tell({ "": words.not_sent });
    }
    button.disabled = false;
  }

  thank({ address: where, note }) {
    const { words } = this;
    const close = h("button", { className: "button", type: "button", autofocus: true, onclick: () => this.dialog.close() }, words.close);
    this.dialog.replaceChildren(h("div", { role: "status" }, h("h2", {}, words.sent), note && h("p", {}, note),
      h("p", {}, h("a", { href: where }, words.see_what_becomes))), close);
    close.focus();
  }
}

customElements.define("hromada-correction", Correction);
