// A history as a file, with progress. Without script the links download it as the browser does.
const PIECE = 8 * 1024 * 1024; // bytes; what has come is handed to the browser in such pieces, which may keep them on disk
const NEWLINE = 10;
const ANNOUNCED_EVERY = 0.25; // of the whole: more would talk over everything else

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const number = (value) => value.toLocaleString(document.documentElement.lang);

class Takeout {
  constructor(section, link) {
    this.box = section.querySelector(".takeout");
    this.text = this.box.querySelector("#takeout-progress");
    this.bar = this.box.querySelector("progress");
    this.status = section.querySelector("[role=status]");
    this.link = link;
    this.stopping = new AbortController();
  }

  async run() {
    const cancel = this.box.querySelector("button");
    const stop = () => this.stopping.abort();
    this.bar.removeAttribute("value");
    this.box.hidden = false;
    cancel.hidden = this.bar.hidden = false;
    cancel.addEventListener("click", stop);
    cancel.focus();
    try {
      await this.fetch();
    } catch {
      this.tell(this.stopping.signal.aborted ? this.box.dataset.cancelled : this.box.dataset.broken);
    } finally {
      cancel.removeEventListener("click", stop);
      cancel.hidden = this.bar.hidden = true;
      this.link.focus();
    }
  }

  async fetch() {
    const answer = await fetch(this.link.href, { signal: this.stopping.signal });
    const name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1];
    if (!answer.ok || answer.redirected || !name) { // a page that says what to do: leave it to the browser
      window.location.assign(this.link.href);
      return;
    }
    this.count = Number(answer.headers.get("X-Event-Count"));
    this.isExact = answer.headers.get("X-Event-Count-Is") === "exact";
    this.done = (answer.headers.get("Content-Type") ?? "").startsWith("text/csv") ? -1 : 0; // the header row is no event
    const blob = await this.read(answer);
    if (this.isExact && this.done !== this.count) throw new Error("incomplete");
    save(blob, name);
    this.tell(fill(this.box.dataset.done, { done: number(this.done), file: name }));
  }

  async read(answer) {
    const kept = [];
    let piece = [];
    let size = 0;
    for (const reader = answer.body.getReader(); ;) {
      const { done, value } = await reader.read();
      if (done) break;
      for (let at = value.indexOf(NEWLINE); at >= 0; at = value.indexOf(NEWLINE, at + 1)) this.done += 1;
      piece.push(value);
      size += value.length;
      if (size > PIECE) {
        kept.push(new Blob(piece));
        piece = [];
        size = 0;
      }
      this.show();
    }
    return new Blob([...kept, ...piece]);
  }

  show() {
    const done = Math.max(this.done, 0);
    const count = Math.max(this.count, done); // an estimate may be too low
    const said = fill(this.isExact ? this.box.dataset.reading : this.box.dataset.about, { done: number(done), count: number(count) });
    this.bar.max = Math.max(count, 1);
    this.bar.value = done;
    this.text.textContent = said;
    const quarter = Math.floor(done / (Math.max(count, 1) * ANNOUNCED_EVERY));
    if (quarter !== this.announced) {
      this.announced = quarter;
      this.status.textContent = said;
    }
  }

  tell(said) {
    this.text.textContent = said;
    this.status.textContent = said;
  }
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser may still be copying it
}

for (const section of document.querySelectorAll(".takeouts")) {
  let running = false;
  for (const link of section.querySelectorAll("a[data-takeout]")) {
    link.addEventListener("click", async (click) => {
      if (click.ctrlKey || click.metaKey || click.shiftKey || !window.ReadableStream) return;
      click.preventDefault();
      if (running) return;
      running = true;
      await new Takeout(section, link).run();
      running = false;
    });
  }
}
