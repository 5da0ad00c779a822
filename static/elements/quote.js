// <hromada-quote>: what may be quoted, and a button that copies what is marked with its source.
class Quote extends Told {
  async show() {
    const { words, newsroom } = this;
    const button = h("button", { className: "button", type: "button", disabled: true, onclick: () => this.copy() }, words.copy);
    this.told = h("p", { className: "small", role: "status" }, words.mark_first);
    this.put(h("section", { className: "box" }, ...written(newsroom.quoting),
      h("p", { className: "acts" }, button), this.told));
    document.addEventListener("selectionchange", () => {
      const marked = String(getSelection()).trim();
      if (marked) this.marked = marked;
      button.disabled = !this.marked;
      if (marked) this.told.textContent = words.ready;
    });
  }

  async copy() {
    const { words, newsroom, marked } = this;
    const source = `${document.title.trim()}, ${newsroom.name}: ${encodeURI(article())}`;
    const letters = [...marked].length;
    const isLong = letters > newsroom.most_quoted;
    const note = isLong ? `\n${fill(words.too_long, { letters, most: newsroom.most_quoted })}` : "";
    try {
      await navigator.clipboard.writeText(`“${marked}”\n— ${source}${note}`);
      this.told.textContent = isLong ? fill(words.copied_long, { letters, most: newsroom.most_quoted }) : words.copied;
    } catch {
      this.told.textContent = words.not_copied;
    }
  }
}

customElements.define("hromada-quote", Quote);
