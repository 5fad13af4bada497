/** Small values kept in the browser. Storage may be switched off or full: then nothing is remembered. */

import { report } from "./report";

/** Return what was kept under `key`, or null. */
export function loadValue(storage: () => Storage, key: string): string | null {
  try {
    return storage().getItem(key);
  } catch (error) {
    report("the browser's storage cannot be read", error);
    return null;
  }
}

/** Keep `value` under `key`; null forgets it. */
export function saveValue(storage: () => Storage, key: string, value: string | null): void {
  try {
    if (value === null) storage().removeItem(key);
    else storage().setItem(key, value);
  } catch (error) {
    report("the browser's storage cannot be written", error);
  }
}
