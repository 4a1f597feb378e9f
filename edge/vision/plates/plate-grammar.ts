/** The characters that begin a plate: one for each province, autonomous region and municipality. */
export const PROVINCES = '京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼';
/** Which office issued it. O is left for plates of the police; I is not used (GA 36-2018, 5.3). */
export const OFFICES = 'ABCDEFGHJKLMNOPQRSTUVWXYZ';
const DIGITS = '0123456789';
/** I and O are not used in serial numbers: they would be taken for 1 and 0. */
const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZ';
export const SERIAL = DIGITS + LETTERS;
/** What stands last on special plates: driving school, police, trailer, embassy, consulate. */
const TAILS = '学警挂使领';
/** And on the black plates 粤Z… for cars of Hong Kong and Macao. */
const BORDER_TAILS = '港澳';
/** The letter that says new-energy: D, A, B, C, E for battery only, F, G, H, J, K for the others. */
const ENERGY_LETTERS = 'DABCEFGHJK';

/** Every character that a plate can hold. */
export const PLATE_CHARACTERS = PROVINCES + OFFICES + DIGITS + TAILS + BORDER_TAILS;

export const ORDINARY_LENGTH = 7;
export const NEW_ENERGY_LENGTH = 8;

/**
 * What may come after the beginning of a plate, by GA 36-2018: province, office, five of a serial number with perhaps a tail
 * in the place of the last; or six for new-energy cars (small: letter, letter or digit, four digits; large: five digits,
 * letter). Not known: the plates of the army, of the armed police (WJ), of civil aviation and of embassies before 2017.
 */
export function charactersAfter(beginning: string): string {
  switch (beginning.length) {
    case 0:
      return PROVINCES;
    case 1:
      return OFFICES;
    case 2:
    case 3:
    case 4:
    case 5:
      return SERIAL;
    case 6:
      return SERIAL + TAILS + (beginning.startsWith('粤Z') ? BORDER_TAILS : '');
    case 7:
      return lastOfNewEnergy(beginning.slice(2));
    default:
      return '';
  }
}

/** Whether a text is a whole plate. */
export function isPlate(text: string): boolean {
  if (text.length !== ORDINARY_LENGTH && text.length !== NEW_ENERGY_LENGTH) return false;
  return Array.from(text).every((character, index) => charactersAfter(text.slice(0, index)).includes(character));
}

/** @param serial five characters of six */
function lastOfNewEnergy(serial: string): string {
  const [first = '', second = '', ...rest] = serial;
  const isDigit = (character: string) => DIGITS.includes(character);
  if (ENERGY_LETTERS.includes(first) && SERIAL.includes(second) && rest.every(isDigit)) return DIGITS;
  return [first, second, ...rest].every(isDigit) ? ENERGY_LETTERS : '';
}
