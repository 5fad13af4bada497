/** The author's picture of the assistant. */

/** Show the picture; `alt` is empty where the name beside it says enough. */
export function Avatar({ src, alt }: { src: string; alt: string }) {
  return <img className="avatar" part="avatar" src={src} alt={alt} />;
}
