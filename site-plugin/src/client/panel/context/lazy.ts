/** Parts that are loaded when an answer first needs them, and shared by all answers after that. */

import { useEffect, useState } from "react";
import { report } from "../../site/report";

/** Something that is loaded once; a load that failed is tried again by whoever asks next. */
export interface Lazy<T extends object> {
  loaded(): T | null;
  load(): Promise<void>;
}

/** Return what loads by `load`. */
export function lazily<T extends object>(load: () => Promise<T | null>): Lazy<T> {
  let value: T | null = null;
  let loading: Promise<void> | undefined;
  const start = async () => {
    try {
      value = await load();
    } catch (error) {
      report("a part of the panel did not load", error);
      loading = undefined;
    }
  };
  return {
    loaded: () => value,
    load: () => {
      loading ??= start();
      return loading;
    },
  };
}

/** Return what `part` brings: null until it has come, and where the site does not have it. `needed` starts the load. */
export function useLazy<T extends object>(part: Lazy<T>, needed = true): T | null {
  const [value, setValue] = useState(part.loaded);
  useEffect(() => {
    if (!needed || value) return;
    let shown = true;
    part.load().then(() => shown && setValue(part.loaded()));
    return () => {
      shown = false;
    };
  }, [part, needed, value]);
  return value;
}
