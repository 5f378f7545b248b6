# Pages that belong to no program; a program's page is declared beside it.
dist_man_MANS += man/hac-design.7 man/hacsim.8
