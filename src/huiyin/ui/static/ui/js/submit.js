// Sends a form as if its button had been pressed, so that checks and htmx take part.
export function submit(form) {
  if (form.requestSubmit) return form.requestSubmit();

  // Safari before 16 has no requestSubmit.
  const button = document.createElement("button");
  button.hidden = true;
  form.append(button);
  button.click();
  button.remove();
}
