/** The last line: what the reader may rely on. */

import { messages, say } from "../../messages/messages";
import { pageLanguage } from "../../site/language";
import type { IndexState } from "../state/state";
import { Notice } from "./Notice";

const EXTRACTIVE = "extractive";
const OWN_MACHINE = /^(localhost|127\.|\[::1\]$)/;

/** Say where answers come from, or what is missing. */
export function Foot({ index }: { index: IndexState }) {
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
        return index.message ?? messages.unready;
      case "ready":
        return index.index.model === EXTRACTIVE ? quotations() : asOf(index.index.built_at);
    }
  }

  /** How a model is connected is for whoever runs the sidecar, and tries it out on their own machine. */
  function quotations(): string {
    return OWN_MACHINE.test(location.hostname)
      ? `${messages.quotations} ${messages.connectModel}`
      : messages.quotations;
  }

  function asOf(builtAt: string): string {
    const day = new Date(builtAt);
    const format = new Intl.DateTimeFormat(pageLanguage(), { day: "numeric", month: "short", year: "numeric" });
    return say(messages.asOf, { date: Number.isNaN(day.getTime()) ? builtAt : format.format(day) });
  }
}
