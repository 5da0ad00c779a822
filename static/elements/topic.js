// <hromada-topic>: that members chose this story, or what they are voting on now.
class Topic extends Told {
  async show() {
    const { topic } = (await this.about()) ?? {};
    const { round } = this.newsroom;
    const its = topic ? this.chosen(topic) : h("section", { className: "box" }, h("h2", {}, this.words.members_decide));
    if (round) its.append(h("p", {}, this.words.now_voted, " ", h("a", { href: address(round.path) }, round.title), ", ", round.said, "."));
    if (!topic) {
      its.append(h("p", {}, round ? this.words.how_to_vote : this.words.no_vote, " ", h("a", { href: address("topics/new") }, this.words.propose)));
    }
    this.put(its);
  }

  chosen(topic) {
    const { words } = this;
    const its = h("section", { className: "box" }, h("h2", {}, topic.said));
    its.append(h("p", { className: "acts" },
      h("a", { href: address(topic.outcome ?? topic.path) }, words.why_chosen),
      h("a", { href: address(topic.path) }, words.its_life)));
    if (topic.related.length) {
      its.append(h("h3", {}, words.related), h("ul", {}, ...topic.related.map((one) => h("li", {}, h("a", { href: one.link }, one.title)))));
    }
    return its;
  }
}

customElements.define("hromada-topic", Topic);
