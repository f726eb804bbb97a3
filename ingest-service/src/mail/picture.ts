// The funnel as a PNG, since mail programs show no SVG. It has no text: the words and numbers stand in the mail below it.
import { PNG } from 'pngjs'

export const pictureSize = { width: 600, height: 150 }
/** Drawn at twice the size it is shown at, for the screens of phones. */
const scale = 2
const barShare = 0.55

const white = 0xff
const barColor = 0x2563eb
const betweenColor = 0xdbe6fd
const bytesPerPixel = 3

// Each option left out costs a pass over all pixels, and the filter a tenth of a second: rows are mostly like the one above.
const format = { colorType: 2, inputColorType: 2, inputHasAlpha: false, filterType: 2 } as const

/** One bar for each count, as high as its share of the first, with a slope to the next. */
export function drawPicture(counts: number[]): Buffer {
  const width = pictureSize.width * scale
  const height = pictureSize.height * scale
  const png = new PNG({ width, height })
  png.data = Buffer.alloc(width * height * bytesPerPixel, white)
  const pitch = width / counts.length
  const heightOf = (index: number): number => {
    const count = counts[index] ?? 0
    // whoever is there at all is seen
    return count === 0 ? 0 : Math.max(2 * scale, (height * count) / counts[0]!)
  }
  for (let x = 0; x < width; x++) {
    const index = Math.floor(x / pitch)
    const within = x / pitch - index
    const isBar = within < barShare
    const way = (within - barShare) / (1 - barShare)
    const isLast = index === counts.length - 1
    const filled = isBar ? heightOf(index) : isLast ? 0 : heightOf(index) * (1 - way) + heightOf(index + 1) * way
    const color = isBar ? barColor : betweenColor
    for (let y = Math.max(0, Math.ceil(height - filled)); y < height; y++)
      png.data.writeUIntBE(color, (y * width + x) * bytesPerPixel, bytesPerPixel)
  }
  return PNG.sync.write(png, format)
}
