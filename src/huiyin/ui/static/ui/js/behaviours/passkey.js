// Asks the device for a passkey, to make one or to prove one, and sends what it answers.
// The options lie in the page (data-options) or are asked for (data-options-url).
const KINDS = { create: "creation_options", get: "request_options" };

function bytes(text) {
  const padded = text.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(padded), (character) => character.charCodeAt(0));
}

function text(buffer) {
  const characters = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte));
  return btoa(characters.join("")).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function readable(options) {
  const known = (list) => (list ?? []).map((each) => ({ ...each, id: bytes(each.id) }));
  const read = { ...options, challenge: bytes(options.challenge) };
  if (options.user) read.user = { ...options.user, id: bytes(options.user.id) };
  if (options.allowCredentials) read.allowCredentials = known(options.allowCredentials);
  if (options.excludeCredentials) read.excludeCredentials = known(options.excludeCredentials);
  return read;
}

// One that is to stand alone at the sign-in has to know whose it is, and to ask for finger or PIN.
function alone(options, wanted) {
  const selection = { ...options.authenticatorSelection };
  selection.residentKey = wanted ? "required" : "discouraged";
  selection.requireResidentKey = wanted;
  if (wanted) selection.userVerification = "required";
  return { ...options, authenticatorSelection: selection };
}

function sendable(credential) {
  const answer = credential.response;
  const response = { clientDataJSON: text(answer.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (answer[name]) response[name] = text(answer[name]);
  }
  if (answer.getTransports) response.transports = answer.getTransports();
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  });
}

async function options(form, kind) {
  if (!form.dataset.optionsUrl) {
    return JSON.parse(document.getElementById(form.dataset.options).textContent)[KINDS[kind]];
  }
  const answer = await fetch(form.dataset.optionsUrl, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return (await answer.json())[KINDS[kind]];
}

async function ask(form, kind) {
  const publicKey = (await options(form, kind)).publicKey;
  if (kind === "get") return navigator.credentials.get({ publicKey: readable(publicKey) });
  const wanted = Boolean(form.elements.passwordless?.checked);
  return navigator.credentials.create({ publicKey: readable(alone(publicKey, wanted)) });
}

export default function passkey(form) {
  const failed = form.querySelector("[data-passkey-failed]");
  if (!window.PublicKeyCredential) return;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    failed.hidden = true;
    try {
      form.elements.credential.value = sendable(await ask(form, form.dataset.passkey));
      HTMLFormElement.prototype.submit.call(form);
    } catch {
      // Turned away by the person, timed out, or not known here: the browser does not tell which.
      failed.hidden = false;
    }
  });
}
