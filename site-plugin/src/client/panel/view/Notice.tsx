/** A sentence from the server or about it; `words` between backticks are set as code. */

/** Show `text`, which is plain but for backticks. */
export function Notice({ text }: { text: string }) {
  return text.split(/`([^`]+)`/).map((piece, place) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: a sentence is never reordered
    place % 2 ? <code key={place}>{piece}</code> : piece,
  );
}
