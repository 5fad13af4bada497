/** Copying what is yet to come. */

/** Copy a text. It is promised to the clipboard at once: browsers forget a click that was long ago. */
export async function copyText(text: Promise<string>): Promise<void> {
  const blob = text.then((words) => new Blob([words], { type: "text/plain" }));
  await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
}
