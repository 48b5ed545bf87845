/** A name as the shop shows it and as it appears in an e-mail address. */
export interface Name {
  shown: string;
  slug: string;
}

const names = (text: string): Name[] =>
  text
    .trim()
    .split(/\s+/)
    .map((entry) => {
      const [shown = '', slug = shown.toLowerCase()] = entry.split('=');
      return { shown: shown.replaceAll('_', ' '), slug };
    });

/** Given names; those outside ASCII carry the slug that follows the equals sign. */
export const FIRST_NAMES: readonly Name[] = names(`
  James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph Jessica
  Thomas Sarah Charles Karen Daniel Nancy Matthew Lisa Anthony Betty Mark Sandra Steven Ashley Andrew Emily Joshua Donna
  Kevin Michelle Brian Carol George Amanda Timothy Melissa Aaliyah Omar Priya Wei Sofia Mateo Camila Diego
  José=jose Zoë=zoe Łukasz=lukasz Jürgen=juergen Renée=renee Søren=soren Chloé=chloe Iñaki=inaki Đặng=dang Иван=ivan
  美咲=misaki 伟=wei Mary_Ann=maryann Jean-Luc=jeanluc Ayşe=ayse Siân=sian
`);

/** Family names, in the same form. */
export const LAST_NAMES: readonly Name[] = names(`
  Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson Anderson
  Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis Robinson Walker Young
  Allen King Wright Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera Campbell Mitchell Carter Roberts
  O'Brien=obrien O’Connor=oconnor Müller=mueller Peña=pena Núñez=nunez Nguyễn=nguyen Dvořák=dvorak Şahin=sahin
  Çelik=celik Ångström=angstrom Петров=petrov 田中=tanaka 李=li van_der_Berg=vanderberg Smith-Jones=smithjones Øvergård=overgard
`);

/** Mail domains reserved for examples, so that no generated address can reach a person. */
export const MAIL_DOMAINS: readonly string[] = ['example.com', 'example.net', 'example.org', 'mail.example'];

/** Street names without their number. */
export const STREETS: readonly string[] = [
  'Main St',
  'Oak Ave',
  'Maple Dr',
  'Cedar Ln',
  'Washington Blvd',
  'Lake Shore Dr',
  'Park Ave',
  'Broadway',
  '2nd Ave',
  'Elm St',
  'Sunset Blvd',
  'Calle Niño',
  'Martin Luther King Jr. Blvd',
  'Highland Rd',
  'River Rd',
  'Côte St',
];
