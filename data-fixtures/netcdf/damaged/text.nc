time,lat,lon,adt
2015-07-22,0.5,0.5,0.1234
