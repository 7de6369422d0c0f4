// Security keys and passkeys. A form that says data-webauthn is hidden until here: sending it asks the browser for the
// credential first, puts the browser's answer into the field "credential", and sends the form, so that what is refused
// comes back as a page. What the browser itself says no to is told in the form's live region.
const RENEW_AFTER = 4 * 60 * 1000; // milliseconds; a challenge is good for five minutes

let round = null; // what the browser is being asked; a browser shows one prompt at a time, so a new question ends it
let sent = false;

class Told extends Error {} // carries a sentence of the server's

function obstacle() {
  if (!window.isSecureContext) return "insecure";
  const known = window.PublicKeyCredential;
  return known && known.parseCreationOptionsFromJSON && known.parseRequestOptionsFromJSON ? null : "unsupported";
}

function tell(form, name, sentence = "") {
  const source = name && form.querySelector(`[data-message="${name}"]`);
  form.querySelector(".prompt").textContent = source ? source.textContent : sentence;
}

function nameOf(error) {
  if (error.name === "InvalidStateError") return "known";
  if (error.name === "NotAllowedError" || error.name === "AbortError") return "cancelled";
  if (error.name === "SecurityError") return "address";
  if (error instanceof TypeError) return "offline";
  return "failed";
}

async function options(form, signal) {
  const body = new URLSearchParams();
  for (const name of ["csrfmiddlewaretoken", "token"]) {
    if (form.elements[name]) body.set(name, form.elements[name].value);
  }
  const response = await fetch(form.dataset.options, { method: "POST", body, signal });
  if (response.redirected) { // the session or its proof has run out meanwhile: go where the server says
    location.assign(response.url);
    return new Promise(() => {});
  }
  if (!(response.headers.get("Content-Type") ?? "").startsWith("application/json")) throw new Error();
  const answer = await response.json();
  if (!response.ok) throw new Told(answer.message);
  return answer;
}

async function credential(form, request) {
  const asked = await options(form, request.signal);
  if (form.dataset.webauthn === "create") {
    return navigator.credentials.create({ ...request, publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked) });
  }
  return navigator.credentials.get({ ...request, publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked) });
}

function ask() {
  round?.abort();
  round = new AbortController();
  return round;
}

function send(form, answer) {
  sent = true;
  tell(form, "sending");
  form.elements.credential.value = JSON.stringify(answer);
  form.submit();
}

async function prompt(form) {
  if (sent) return;
  const mine = ask();
  tell(form, "waiting");
  try {
    send(form, await credential(form, { signal: mine.signal }));
  } catch (error) {
    if (mine === round) tell(form, error instanceof Told ? "" : nameOf(error), error.message);
  }
}

async function offerInAutofill(form) {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.()) || round) return;
  for (;;) {
    const mine = ask();
    const timer = setTimeout(() => mine.abort(), RENEW_AFTER);
    try {
      return send(form, await credential(form, { mediation: "conditional", signal: mine.signal }));
    } catch {
      if (mine !== round || !mine.signal.aborted) return; // somebody pressed the button, or the browser declines
    } finally {
      clearTimeout(timer);
    }
  }
}

function arm(form) {
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.reportValidity()) prompt(form); // a key that was made for a form that is refused would be left over
  });
  if ("atOnce" in form.dataset) prompt(form);
  if ("autofill" in form.dataset) offerInAutofill(form);
}

const why = obstacle();
if (why) {
  document.querySelectorAll(`[data-obstacle="${why}"]`).forEach((sentence) => { sentence.hidden = false; });
} else {
  document.querySelectorAll("form[data-webauthn]").forEach(arm);
}

// A page that comes back from the browser's memory still thinks that it is busy.
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
