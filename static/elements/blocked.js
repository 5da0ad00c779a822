// <hromada-blocked>: a kind word to who blocks advertisements, once a week at most. Nothing is held back.
class Blocked extends Told {
  async show() {
    if (kept.until("blocked") || (await recognised) || !(await this.hides())) return;
    await this.put(h("section", { className: "box" },
      ...written(this.newsroom.blocked),
      h("p", { className: "acts" },
        h("a", { className: "button", href: address("support", { from: article() }), "data-pressed": "" }, this.words.become),
        h("button", { className: "close", type: "button", onclick: () => this.close() }, this.words.close))));
    kept.keep("blocked", 7);
  }

  /** Whether something that is called an advertisement, and is none, is not let be seen here. */
  async hides() {
    const bait = h("div", { className: "ad-banner ad-slot adsbygoogle" });
    Object.assign(bait.style, { position: "absolute", insetInlineStart: "-999px", inlineSize: "1px", blockSize: "1px" });
    document.body.append(bait);
    await new Promise((done) => setTimeout(done, 300));
    const { display, visibility } = getComputedStyle(bait);
    const isHidden = !bait.isConnected || display === "none" || visibility === "hidden";
    bait.remove();
    return isHidden;
  }
}

customElements.define("hromada-blocked", Blocked);
