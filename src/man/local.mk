dist_man_MANS += \
	%D%/rtfs-capabilities.5 \
	%D%/rtfs-policy.5 \
	%D%/rtfs.1
