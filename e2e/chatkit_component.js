/**
 * A stand-in for OpenAI's component, served at its address: it takes the options that the component documents and no
 * others, speaks to the sidecar through the `fetch` it is given, and shows what comes back as plainly as can be.
 */

const DOCUMENTED = new Set([
  ...["api", "composer", "disclaimer", "entities", "frameTitle", "header", "history", "initialThread", "locale"],
  ...["onClientTool", "startScreen", "theme", "threadItemActions", "widgets", "commands", "thread"],
]);

class ChatkitStandIn extends HTMLElement {
  /** All options that were ever set, the last one last. */
  history = [];
  thread = null;
  reply = null;

  setOptions(options) {
    const unknown = Object.keys(options).filter((key) => !DOCUMENTED.has(key));
    if (unknown.length > 0) throw new TypeError(`not documented: ${unknown}`);
    this.history.push(options);
    this.options = options;
    if (this.isConnected) this.render();
  }

  connectedCallback() {
    this.attachShadow({ mode: "open" });
    this.shadowRoot.innerHTML = `
      <header><b></b><button name="close">Close the component</button></header>
      <p id="greeting"></p><div id="prompts"></div><div id="log" role="log"></div>
      <form><q></q><textarea aria-label="Message"></textarea><button>Send it</button></form>`;
    this.render();
    this.part("form").onsubmit = (event) => {
      event.preventDefault();
      this.send(this.part("textarea").value);
    };
    this.part("[name=close]").onclick = () => this.options.header.rightAction.onClick();
    setTimeout(() => this.dispatchEvent(new CustomEvent("chatkit.ready")));
  }

  async focusComposer() {
    this.part("textarea").focus();
  }

  async setComposerValue({ text, reply }) {
    if (text !== undefined) this.part("textarea").value = text;
    this.reply = reply ?? null;
    this.part("q").textContent = reply ?? "";
  }

  async setThreadId(id) {
    this.thread = id;
  }

  part(selector) {
    return this.shadowRoot.querySelector(selector);
  }

  render() {
    const { header, startScreen, composer } = this.options;
    this.part("b").textContent = header.title.text;
    this.part("#greeting").textContent = startScreen.greeting;
    this.part("textarea").placeholder = composer.placeholder;
    const prompts = startScreen.prompts.map(({ label, prompt }) => {
      const button = document.createElement("button");
      button.textContent = label;
      button.onclick = () => this.send(prompt);
      return button;
    });
    this.part("#prompts").replaceChildren(...prompts);
  }

  async send(text) {
    const quoted = this.reply === null ? {} : { quoted_text: this.reply };
    const input = { content: [{ type: "input_text", text }], attachments: [], inference_options: {}, ...quoted };
    await this.setComposerValue({ text: "" });
    const request = this.thread
      ? { type: "threads.add_user_message", params: { thread_id: this.thread, input } }
      : { type: "threads.create", params: { input } };
    const headers = { "Content-Type": "application/json", "X-Component": "theirs" };
    const { api } = this.options;
    const response = await api.fetch(api.url, { method: "POST", headers, body: JSON.stringify(request) });
    for (const line of (await response.text()).split("\n")) {
      if (line.startsWith("data: ")) this.receive(JSON.parse(line.slice(6)));
    }
  }

  receive({ type, thread, item }) {
    if (type === "thread.created") {
      this.thread = thread.id;
      this.dispatchEvent(new CustomEvent("chatkit.thread.change", { detail: { threadId: thread.id } }));
    }
    if (type !== "thread.item.done" || item.type !== "assistant_message") return;
    for (const { text, annotations } of item.content) {
      const words = document.createElement("p");
      words.textContent = text;
      this.part("#log").append(words, ...annotations.map(({ source }) => this.source(source)));
    }
  }

  source(source) {
    if (source.type === "url") return Object.assign(document.createElement("a"), { href: source.url, target: "_blank" });
    const button = document.createElement("button");
    button.textContent = source.title;
    button.onpointerenter = async () => {
      const { preview } = await this.options.entities.onRequestPreview(source);
      button.title = preview.children.map(({ value }) => value).join(" | ");
    };
    button.onclick = () => source.interactive && this.options.entities.onClick(source);
    return button;
  }
}

customElements.define("openai-chatkit", ChatkitStandIn);
