/** The panel's few icons, drawn with one stroke on a grid of 24. */

const PATHS = {
  add: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6 6 18",
  send: "M12 19V5M6 11l6-6 6 6",
  stop: "M8 8h8M8 10h8M8 12h8M8 14h8M8 16h8",
  copy: "M9 11.5A2.5 2.5 0 0 1 11.5 9h6a2.5 2.5 0 0 1 2.5 2.5v6a2.5 2.5 0 0 1-2.5 2.5h-6A2.5 2.5 0 0 1 9 17.5zM5 15V6.5A2.5 2.5 0 0 1 7.5 4H15",
  check: "M5 12.5 10 17.5 19 7",
  again: "M20 12a8 8 0 1 1-2.3-5.7M20 4v4.5h-4.5",
  share: "M12 15V4M8 7.5 12 4l4 3.5M6 11.5v8h12v-8",
  good: "M7 11v9H4v-9zM7 11l4-7c1.5 0 2.5 1 2.5 2.5v3h5.5a1.5 1.5 0 0 1 1.5 1.8l-1.4 7a2 2 0 0 1-2 1.7H7",
  bad: "M17 13V4h3v9zM17 13l-4 7c-1.5 0-2.5-1-2.5-2.5v-3H5a1.5 1.5 0 0 1-1.5-1.8l1.4-7a2 2 0 0 1 2-1.7H17",
  down: "M7 10l5 5 5-5",
  history: "M3.5 12a8.5 8.5 0 1 0 2.6-6.1M3.5 4v4h4M12 8v4l3 2",
  rename: "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
  delete: "M5 7h14M10 11v6M14 11v6M7 7l1 13h8l1-13M9 7V4h6v3",
  page: "M7 3.5h7l4 4v13H7zM14 3.5v4h4",
  quote: "M5 6v12M9 8h10M9 12h10M9 16h6",
} as const;

/** Draw the icon of that name; it is decoration, the control around it has the label. */
export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
