// Recovery codes: print them, or keep them as a file. Without script the buttons stay hidden: the text can be selected.
for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

for (const button of document.querySelectorAll("button[data-download]")) {
  const text = `${button.dataset.heading}\n\n${document.getElementById("codes").textContent.trim()}\n`;
  button.hidden = false;
  button.addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    link.download = button.dataset.download;
    link.click();
    URL.revokeObjectURL(link.href);
  });
}
