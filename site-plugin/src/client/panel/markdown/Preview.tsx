/** A glance at a cited passage: its heading, where it stands, and how it begins. */

import { type RefObject, useLayoutEffect, useRef } from "react";
import { usePlace } from "../context/place";
import type { Source } from "../state/citations";

const GAP = 6;
const MARGIN = 10;

interface Props {
  id: string;
  source: Source;
  beside: RefObject<HTMLElement | null>;
}

/** Show the tooltip `id` below the line of `beside`, since what is cited stands before it; above it where there is no room. */
export function Preview({ id, source, beside }: Props) {
  const where = usePlace(source);
  const box = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    const mark = beside.current?.querySelector("a");
    const panel = mark?.closest("aside");
    const log = mark?.closest(".log");
    const follow = () => mark && panel && box.current && put(box.current, mark, panel);
    follow();
    log?.addEventListener("scroll", follow);
    return () => log?.removeEventListener("scroll", follow);
  }, [beside]);
  return (
    <span ref={box} id={id} role="tooltip" className="preview">
      <span className="heading">{source.title}</span>
      {where && <span className="place">{where}</span>}
      {source.passages[0] && <span className="passage">{source.passages[0]}</span>}
    </span>
  );
}

function put(box: HTMLElement, mark: Element, panel: Element): void {
  const line = mark.getBoundingClientRect();
  const bounds = panel.getBoundingClientRect();
  box.style.inlineSize = `${Math.min(320, bounds.width - 2 * MARGIN)}px`;
  const { width, height } = box.getBoundingClientRect();
  const below = line.bottom + GAP;
  const left = line.left + line.width / 2 - width / 2;
  box.style.top = `${below + height <= bounds.bottom - MARGIN ? below : line.top - height - GAP}px`;
  box.style.left = `${clamp(left, bounds.left + MARGIN, bounds.right - width - MARGIN)}px`;
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}
