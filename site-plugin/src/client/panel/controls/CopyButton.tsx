/** A button that copies, and says so. */

import { useEffect, useState } from "react";
import { messages } from "../../messages/messages";
import { report } from "../../site/report";
import { Icon } from "./Icon";

const SHOWN = 1600;

/** Copy `text` when pressed; the label says "Copied" for a moment. */
export function CopyButton({ label, text }: { label: string; text: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () =>
    navigator.clipboard?.writeText(text).then(
      () => setCopied(true),
      (error) => report("nothing was copied", error),
    );
  return (
    <button type="button" className="icon" aria-label={copied ? messages.copied : label} title={label} onClick={copy}>
      <Icon name={copied ? "check" : "copy"} />
    </button>
  );
}
