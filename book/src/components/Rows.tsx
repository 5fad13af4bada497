import Link from "@docusaurus/Link";
import type { ReactNode } from "react";

import styles from "./Rows.module.css";

/** A line of a list of pages: what it is called, where it leads, and a sentence about it. */
export interface Row {
  label: string;
  to: string;
  text: string;
}

/** A list of pages, one to a row, between hairlines. */
export function Rows({ rows }: { rows: readonly Row[] }): ReactNode {
  return (
    <ul className={styles.rows}>
      {rows.map(({ label, to, text }) => (
        <li key={to}>
          <Link to={to}>
            <strong>{label}</strong>
            <span>{text}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
