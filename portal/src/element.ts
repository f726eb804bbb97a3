// Makes DOM elements. Text only ever becomes text: there is no way to pass markup.

export type Child = Node | string | null | undefined
type Attributes = Record<string, string | number | boolean | undefined>

function fill<E extends Element>(node: E, attributes: Attributes, children: Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue
    node.setAttribute(name, value === true ? '' : String(value))
  }
  node.append(...children.filter((child): child is Node | string => child !== null && child !== undefined))
  return node
}

export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  return fill(document.createElement(name), attributes, children)
}

export function svgElement<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children)
}

/** Sets the text where it differs, so that what has not changed is neither repainted nor announced again. Tells whether it did. */
export function setText(node: Element, text: string): boolean {
  if (node.textContent === text) return false
  node.textContent = text
  return true
}
