/** Where a page's own text is. */

const ARTICLES = [".theme-doc-markdown", "article .markdown", "article", "main"];

/** Return the element that holds the page's own text, if the page has one. */
export function findArticle(page: Document): Element | null {
  for (const selector of ARTICLES) {
    const article = page.querySelector(selector);
    if (article) return article;
  }
  return null;
}
