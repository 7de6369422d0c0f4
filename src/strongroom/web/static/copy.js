// Copy buttons. Without script, or without leave to use the clipboard, they stay hidden: the text can be selected.
const SHOWN_FOR = 2000; // milliseconds

function arm(button) {
  const source = button.closest(".command").querySelector("code");
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(source.textContent);
    button.textContent = button.dataset.copied;
    setTimeout(() => { button.textContent = label; }, SHOWN_FOR);
  });
}

if (navigator.clipboard) {
  document.querySelectorAll(".command > button[data-copied]").forEach(arm);
}
