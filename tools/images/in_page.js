/** What runs in the page that a picture is taken of. */

/**
 * Puts names that are the same everywhere in the place of those of this machine, wherever the page shows them.
 *
 * @param {readonly (readonly [own: string, shown: string])[]} names
 */
export function rename(names) {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
    let text = node.nodeValue;
    for (const [own, shown] of names) text = text.replaceAll(own, shown);
    if (text !== node.nodeValue) node.nodeValue = text;
  }
}

/** Whether everything that the page shows has been read. */
export function isSettled() {
  return document.querySelector("main > :not(h1)") !== null &&
    document.querySelector(".loading") === null;
}
