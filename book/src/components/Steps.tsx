import type { ReactNode } from "react";

import styles from "./Steps.module.css";

/** A list of numbered steps; its children are `Step`s. */
export function Steps({ children }: { children: ReactNode }): ReactNode {
  return <ol className={styles.steps}>{children}</ol>;
}

/** One step: `title` says what is done, the children say how. */
export function Step({ title, children }: { title: string; children: ReactNode }): ReactNode {
  return (
    <li className={styles.step}>
      <p className={styles.title}>{title}</p>
      {children}
    </li>
  );
}
