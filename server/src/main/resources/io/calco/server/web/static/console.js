// A machine's screen (noVNC) or serial port (xterm.js) over a websocket. A ticket, got by a request that
// carries the form's token, lets the websocket in once.

const root = document.getElementById("console");
const say = root.dataset;
const body = root.querySelector("[data-body]");
const status = root.querySelector("[data-status]");
const credentials = root.querySelector("[data-credentials]");
const csrf = document.querySelector("meta[name=csrf]").content;
const button = (name) => root.querySelector(`[data-do=${name}]`);
const PIECE = 16384; // the server takes messages of 64 KiB
const COLUMNS = 80; // what a guest takes a serial terminal for
const ROWS = 24;

const tell = (text, mark) => {
  status.textContent = text;
  status.className = `state ${mark}`;
};

const show = (name, shown) => {
  if (button(name)) {
    button(name).hidden = !shown;
  }
};

const connect = async (take) => {
  body.replaceChildren();
  credentials.hidden = true;
  tell(say.connecting, "busy");
  ["again", "take", "keys"].forEach((name) => show(name, false));
  try {
    const answer = await fetch(`${say.at}/ticket${take ? "?take=yes" : ""}`, { method: "POST", headers: { "X-CSRF-Token": csrf } });
    if (!answer.ok) {
      throw new Error(await answer.text());
    }
    const address = new URL(`${say.at}/socket`, location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    address.searchParams.set("ticket", await answer.text());
    const socket = new WebSocket(address);
    socket.binaryType = "arraybuffer";
    socket.addEventListener("close", ended);
    await (say.kind === "screen" ? screen(socket) : serial(socket));
  } catch (problem) {
    tell(problem.message || say.failed, "bad");
    show("again", true);
  }
};

const REASONS = { ended: say.ended, gone: say.ended, idle: say.idle, logout: say.logout };
const TRY_AGAIN_LATER = 1013;

const ended = (event) => {
  const known = REASONS[event.reason];
  tell(known || event.reason || say.failed, event.reason === "ended" ? "" : "bad");
  root.classList.remove("is-open");
  show("keys", false);
  show("again", true);
  show("take", event.code === TRY_AGAIN_LATER);
};

const opened = () => {
  tell(say.connected, "good");
  root.classList.add("is-open");
};

const screen = async (socket) => {
  const { default: RFB } = await import(say.novnc);
  const rfb = new RFB(body, socket, { shared: true });
  rfb.scaleViewport = true;
  rfb.background = "transparent";
  rfb.addEventListener("connect", () => {
    opened();
    show("keys", true);
    rfb.focus();
  });
  rfb.addEventListener("credentialsrequired", () => {
    tell(say.password, "busy");
    credentials.hidden = false;
    credentials.elements.password.focus();
  });
  rfb.addEventListener("securityfailure", (event) => tell(event.detail.reason || say.failed, "bad"));
  credentials.onsubmit = (event) => {
    event.preventDefault();
    credentials.hidden = true;
    rfb.sendCredentials({ password: credentials.elements.password.value });
    credentials.reset();
  };
  if (button("keys")) {
    button("keys").onclick = () => {
      rfb.sendCtrlAltDel();
      rfb.focus();
    };
  }
};

// xterm.js writes its rules into <style> elements, which the pages' policy refuses. Sheets that a
// script constructs are allowed, so it gets elements that write into such ones.
const withSheets = (work) => {
  document.createElement = (name, ...more) => {
    const styles = name === "style";
    const element = Document.prototype.createElement.call(document, styles ? "span" : name, ...more);
    if (styles) {
      const sheet = new CSSStyleSheet();
      document.adoptedStyleSheets.push(sheet);
      element.hidden = true;
      Object.defineProperty(element, "textContent", { set: (text) => sheet.replaceSync(text) });
    }
    return element;
  };
  try {
    work();
  } finally {
    delete document.createElement;
  }
};

const serial = async (socket) => {
  const waiting = [];
  let write = (bytes) => waiting.push(bytes);
  socket.addEventListener("message", (event) => write(new Uint8Array(event.data)));
  const { Terminal } = await import(say.xterm);
  await document.fonts.load("14px 'Plex Mono'");
  const wide = (body.clientWidth - 44) / COLUMNS / 0.6; // of a letter's height
  const high = (body.clientHeight - 24) / ROWS / 1.32;
  const size = Math.max(9, Math.min(20, Math.floor(Math.min(wide, high))));
  const terminal = new Terminal({
    cols: COLUMNS,
    rows: ROWS,
    fontFamily: "'Plex Mono', ui-monospace, monospace",
    fontSize: size,
    scrollback: 5000,
    cursorBlink: true,
    screenReaderMode: false,
    theme: { background: "#000000", foreground: "#e7e9f0", cursor: "#a3b3ff", selectionBackground: "#3a4470" },
  });
  withSheets(() => terminal.open(body));
  waiting.forEach((bytes) => terminal.write(bytes));
  write = (bytes) => terminal.write(bytes);
  const send = (bytes) => {
    for (let at = 0; at < bytes.length && socket.readyState === WebSocket.OPEN; at += PIECE) {
      socket.send(bytes.subarray(at, at + PIECE));
    }
  };
  terminal.onData((text) => send(new TextEncoder().encode(text)));
  terminal.onBinary((text) => send(Uint8Array.from(text, (letter) => letter.charCodeAt(0))));
  const begin = () => {
    opened();
    terminal.focus();
  };
  if (socket.readyState === WebSocket.OPEN) {
    begin();
  } else {
    socket.addEventListener("open", begin);
  }
};

button("again").onclick = () => connect(false);
if (button("take")) {
  button("take").onclick = () => connect(true);
}
button("full").onclick = () => (document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen());
connect(false);
