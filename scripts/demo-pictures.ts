// Draws the pictures of the demo homes into src/commands/demo/pictures: `npm run demo-pictures`, after a change of scenes.ts.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { sizeNames, sizes } from '../src/features/photos/files.ts'
import { scenes } from './demo-pictures/scenes.ts'

const folder = join(import.meta.dirname, '..', 'src', 'commands', 'demo', 'pictures')

for (const [name, svg] of Object.entries(scenes)) {
  for (const size of sizeNames) {
    const picture = sharp(Buffer.from(svg)).resize(sizes[size], sizes[size], { fit: 'inside' })
    writeFileSync(join(folder, `${name}-${size}.webp`), await picture.webp({ quality: 60, effort: 6 }).toBuffer())
  }
}
