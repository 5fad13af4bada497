/** A citation in the text of an answer: a numbered link, and what it leads to in a few words before one goes there. */

import { type FocusEvent, type PointerEvent, useEffect, useId, useRef, useState } from "react";
import { messages, say } from "../../messages/messages";
import { useSource } from "../context/context";
import { BookLink } from "../controls/Link";
import type { Source } from "../state/citations";
import { Preview } from "./Preview";

/** How long, in milliseconds, a pointer may be on its way from the mark to its preview. */
const CROSSING = 140;

/** The numbered link of a citation. A number without a source shows nothing. */
export function CitationMark({ number }: { number: number }) {
  const source = useSource(number);
  return source ? <Mark source={source} /> : null;
}

/**
 * The mark, with its preview while a mouse is over it or the keyboard has brought the focus to it. Over and out, not
 * enter and leave: React misses that a pointer enters from an element of the page, which another of its trees owns.
 */
function Mark({ source }: { source: Source }) {
  const place = useRef<HTMLSpanElement>(null);
  const [shown, setShown] = useShown();
  const id = useId();
  const hover = (event: PointerEvent) => event.pointerType === "mouse" && setShown(true);
  const focus = (event: FocusEvent) => event.target.matches(":focus-visible") && setShown(true);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the link inside is what is operated; this only watches it
    // biome-ignore lint/a11y/useKeyWithClickEvents: a link is clicked by keyboard too
    <span
      ref={place}
      className="cited"
      onPointerOver={hover}
      onPointerOut={() => setShown(false, CROSSING)}
      onFocus={focus}
      onBlur={() => setShown(false)}
      onClick={() => setShown(false)}
    >
      <BookLink
        className="cite"
        part="citation"
        href={source.url}
        label={say(messages.source, { number: source.number, title: source.title })}
        describedBy={shown ? id : undefined}
        passages={source.passages}
        said={source.said}
      >
        {source.number}
      </BookLink>
      {shown && <Preview id={id} source={source} beside={place} />}
    </span>
  );
}

/** Whether a preview is shown, and how to change that, at once or later. While it is, Escape hides it and does no more. */
function useShown(): [boolean, (shown: boolean, later?: number) => void] {
  const [shown, setShown] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    if (!shown) return;
    const dismiss = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      setShown(false);
    };
    addEventListener("keydown", dismiss, true);
    return () => removeEventListener("keydown", dismiss, true);
  }, [shown]);
  const change = (next: boolean, later = 0) => {
    clearTimeout(timer.current);
    if (later) timer.current = setTimeout(() => setShown(next), later);
    else setShown(next);
  };
  return [shown, change];
}
