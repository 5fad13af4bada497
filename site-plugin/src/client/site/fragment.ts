/** What links bring in the fragment of the page's address, which no server is sent. */

/** Return the value of `#booklight-name=value`, and take it out of there, so that neither a copy nor a bookmark has it. */
export function takeFragment(name: string): string | null {
  const value = new RegExp(`^#booklight-${name}=(.+)$`).exec(location.hash)?.[1];
  if (!value) return null;
  history.replaceState(history.state, "", location.pathname + location.search);
  return value;
}
