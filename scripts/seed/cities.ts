/** A city of the United States with its weight (inhabitants in thousands) and some of its real postal codes. */
export interface City {
  city: string;
  state: string;
  weight: number;
  postalCodes: readonly string[];
}

const city = (name: string, state: string, weight: number, postalCodes: string): City => ({
  city: name,
  state,
  weight,
  postalCodes: postalCodes.split(' '),
});

/** Where the shop's customers live; New York is the largest by far, and several codes begin with zeros. */
export const CITIES: readonly City[] = [
  city('New York', 'NY', 8336, '10001 10011 10025 10453 11201 11215 11373'),
  city('Los Angeles', 'CA', 3822, '90001 90012 90026 90045 90210'),
  city('Chicago', 'IL', 2665, '60601 60614 60622 60647'),
  city('Houston', 'TX', 2303, '77002 77019 77056 77084'),
  city('Phoenix', 'AZ', 1644, '85003 85016 85032'),
  city('Philadelphia', 'PA', 1567, '19103 19121 19147'),
  city('San Antonio', 'TX', 1473, '78205 78229 78250'),
  city('San Diego', 'CA', 1381, '92101 92109 92126'),
  city('Dallas', 'TX', 1300, '75201 75214 75243'),
  city('Austin', 'TX', 974, '78701 78704 78745'),
  city('Jacksonville', 'FL', 971, '32202 32210 32256'),
  city('San Jose', 'CA', 971, '95112 95125 95148'),
  city('Columbus', 'OH', 908, '43201 43215 43229'),
  city('Charlotte', 'NC', 898, '28202 28205 28277'),
  city('Indianapolis', 'IN', 881, '46201 46220 46250'),
  city('San Francisco', 'CA', 808, '94103 94110 94122'),
  city('Seattle', 'WA', 749, '98101 98103 98115'),
  city('Denver', 'CO', 713, '80202 80211 80220'),
  city('Washington', 'DC', 672, '20001 20009 20016'),
  city('Boston', 'MA', 651, '02108 02116 02127 02134'),
  city('Nashville', 'TN', 684, '37203 37211 37221'),
  city('Portland', 'OR', 635, '97201 97214 97229'),
  city('Las Vegas', 'NV', 656, '89101 89117 89147'),
  city('Detroit', 'MI', 620, '48201 48219 48235'),
  city('Atlanta', 'GA', 499, '30303 30309 30318'),
  city('Miami', 'FL', 449, '33125 33130 33137'),
  city('Minneapolis', 'MN', 425, '55401 55408 55419'),
  city('San Juan', 'PR', 335, '00901 00907 00926'),
  city('Newark', 'NJ', 305, '07102 07105'),
  city('Jersey City', 'NJ', 287, '07302 07306'),
  city('Buffalo', 'NY', 276, '14201 14216'),
  city('Yonkers', 'NY', 208, '10701 10704'),
  city('Rochester', 'NY', 209, '14604 14620'),
  city('Worcester', 'MA', 205, '01602 01609'),
  city('Providence', 'RI', 189, '02903 02906'),
  city('Bridgeport', 'CT', 148, '06604 06606'),
  city('Manchester', 'NH', 115, '03101 03104'),
  city('Albany', 'NY', 101, '12203 12208'),
  city('Mayagüez', 'PR', 70, '00680 00682'),
  city('Portland', 'ME', 68, '04101 04103'),
  city('Burlington', 'VT', 44, '05401 05408'),
  // Larger than it is, so that the lowest code of the country occurs in small shops too.
  city('Holtsville', 'NY', 120, '00501 11742'),
  city('Cañon City', 'CO', 17, '81212'),
  city('Española', 'NM', 10, '87532'),
];
