// <hromada-support appeal="…" place="end|middle|bar" currency="…">: asks, or thanks a patron.
/** The foot of the page, and whatever has the focus, comes out from under a bar; until it is gone. */
function makeRoom(bar) {
  const { body, documentElement: page } = document;
  const height = `${bar.offsetHeight}px`;
  page.style.scrollPaddingBlockEnd = height;
  body.style.paddingBlockEnd = `calc(${getComputedStyle(body).paddingBlockEnd} + ${height})`;
  return () => {
    page.style.scrollPaddingBlockEnd = "";
    body.style.paddingBlockEnd = "";
  };
}

class Support extends Told {
  static sheets = styled(`
    .amounts { list-style: none; margin: 0 0 .6em; padding: 0; display: flex; flex-wrap: wrap; gap: .6em; max-inline-size: none; }
    .amounts .often { inline-size: 100%; margin-block-end: -.3em; }
    progress { inline-size: 100%; max-inline-size: 65ch; block-size: .5em; accent-color: var(--accent); display: block; margin-block: .3em; }
    .goal { margin-block: 1em; }
    .bar { position: fixed; inset: auto 0 0; z-index: 10; background: Canvas; color: CanvasText; display: flex; gap: .8em; align-items: center;
      justify-content: center; flex-wrap: wrap; padding: .3em max(1em, env(safe-area-inset-left)) calc(.3em + env(safe-area-inset-bottom));
      border-block-start: 1px solid color-mix(in srgb, currentcolor 25%, transparent); }
    .bar p { margin: 0; flex: 0 1 auto; text-align: center; text-wrap: balance; }
  `);

  async show() {
    const place = this.getAttribute("place") ?? "end";
    const isBar = place === "bar";
    if (isBar && kept.until("closed")) return this.close();
    const patron = await recognised;
    if (patron) return this.greet(place, patron);
    await this.put(isBar ? this.bar() : this.box(place));
    if (isBar) this.letGo = makeRoom(this.shadowRoot.firstElementChild);
    new IntersectionObserver((seen, watch) => {
      if (!seen.some((one) => one.isIntersecting)) return;
      watch.disconnect();
      count("shown");
    }).observe(this.shadowRoot.firstElementChild);
  }

  /** A patron is thanked once an article; who came just now, where it is seen at once. */
  async greet(place, patron) {
    if (place === "bar") return this.close();
    if (place === "middle") {
      if (await inView(this, true)) await inView(this, false);
      return this.close();
    }
    this.put(this.thanks());
    if (patron !== "now") return;
    const close = () => {
      letGo();
      over.remove();
    };
    const said = h("section", { className: "bar", role: "status" }, h("p", {}, this.words.thanks), this.closing(close));
    const over = this.apart(said);
    const letGo = makeRoom(said);
  }

  closing(onclick) {
    return h("button", { className: "close", type: "button", ariaLabel: this.words.close, onclick }, "×");
  }

  thanks() {
    const { words } = this;
    return h("section", { className: "box" },
      h("h2", {}, words.thanks),
      h("p", {}, words.you_carry_it, " ", h("a", { href: address("topics") }, words.see_topics)),
    );
  }

  box(place) {
    const { words, newsroom } = this;
    const { headline, text } = newsroom.appeals[this.getAttribute("appeal")] ?? newsroom.appeals[""];
    const its = h("section", { className: "box" }, h("h2", {}, headline), ...written(text));
    its.append(this.amounts());
    its.append(
      h("p", { className: "acts" },
        h("a", { className: "button main", href: this.support(), "data-pressed": "" }, words.become),
        h("a", { href: address("support/other-ways") }, words.other_ways)),
    );
    if (place === "end") its.append(...this.goal());
    if (newsroom.carried) its.append(h("p", { className: "small" }, newsroom.carried));
    return its;
  }

  bar() {
    const { words } = this;
    return h("section", { className: "bar" },
      h("p", {}, this.newsroom.appeals[""].headline),
      h("a", { className: "button main", href: this.support(), "data-pressed": "" }, words.become),
      this.closing(() => {
        kept.keep("closed", 365);
        this.letGo();
        this.close();
      }),
    );
  }

  amounts() {
    const its = this.newsroom.amounts[this.currency] ?? [];
    const link = (one) => h("a", {
      className: "button",
      href: this.support({ ...one.asks, currency: this.currency }),
      ariaLabel: one.said,
      "data-pressed": "",
    }, one.sum);
    const items = its.map((one) => h("li", {}, link(one)));
    return h("ul", { className: "amounts", role: "list", ariaLabel: this.words.amounts }, h("li", { className: "often" }, this.newsroom.often), ...items);
  }

  /** As the article says, else of the reader's country, else the newsroom's first. */
  get currency() {
    const { amounts, regions, first } = this.newsroom;
    const named = (this.getAttribute("currency") ?? "").toLowerCase();
    if (named in amounts) return named;
    const places = navigator.languages.map((code) => code.split("-").at(-1));
    return places.map((place) => regions[place]).find((code) => code in amounts) ?? first;
  }

  support(asks = {}) {
    const campaign = [...new URLSearchParams(location.search)].filter(([name]) => name.startsWith("utm_"));
    const before = document.referrer.split(/[?#]/)[0];
    const referrer = /^https?:/.test(before) && !before.startsWith(`${location.origin}/`) ? { referrer: before } : {};
    return address("support", { from: article(), ...referrer, ...Object.fromEntries(campaign), ...asks });
  }

  goal() {
    const { goal } = this.newsroom;
    if (!goal) return [];
    return [h("div", { className: "goal" },
      h("h3", { id: "goal" }, goal.headline),
      h("progress", { value: goal.shown, max: goal.number, ariaLabel: goal.headline }),
      h("p", { className: "small" }, goal.said))];
  }
}

customElements.define("hromada-support", Support);
