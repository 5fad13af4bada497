/** The last line: what the reader may rely on. */

import { useMessages } from "../context/context";
import type { IndexState } from "../state/state";
import { Notice } from "./Notice";

const EXTRACTIVE = "extractive";

/** Say where answers come from, or what is missing. */
export function Foot({ index }: { index: IndexState }) {
  const messages = useMessages();
  return (
    <p className="foot">
      <Notice text={line()} />
    </p>
  );

  function line(): string {
    switch (index.status) {
      case "unknown":
        return "\u00a0";
      case "unreachable":
        return messages.unreachable;
      case "missing":
        return index.message ?? messages.failures.unready;
      case "ready":
        return index.index.model === EXTRACTIVE ? messages.quotations : asOf(index.index.built_at);
    }
  }

  function asOf(builtAt: string): string {
    const day = new Date(builtAt);
    const language = document.documentElement.lang || "en";
    const format = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", year: "numeric" });
    return messages.asOf(Number.isNaN(day.getTime()) ? builtAt : format.format(day));
  }
}
