<?xml version="1.0" encoding="UTF-8"?>
<!-- SPDX-License-Identifier: GPL-2.0-or-later -->
<!-- Makes of any cluster.xml(5) one that this lab can run: its hosts keep
     their names and capacities and get a BMC of the lab each; its VMs keep
     name, UUID and settings and become the lab's guests. What a domain says of
     memory counts for hac, as more overhead: the guest itself is small. -->
<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="xml" indent="yes" encoding="UTF-8"/>
  <xsl:strip-space elements="*"/>
  <xsl:param name="accel" select="'qemu'"/>
  <xsl:param name="kind" select="'small'"/>
  <xsl:param name="images" select="'/var/lib/libvirt/images'"/>
  <xsl:param name="user" select="'hac'"/>
  <xsl:param name="password" select="'/run/lab/bmc-password'"/>
  <!-- Odd on purpose: with a multiple of 256 KiB TCG loses dirty pages when a
       VM migrates. -->
  <xsl:param name="small-kib" select="131080"/>
  <xsl:param name="light-kib" select="16392"/>

  <xsl:template match="@*|node()">
    <xsl:copy><xsl:apply-templates select="@*|node()"/></xsl:copy>
  </xsl:template>

  <xsl:template match="alert"/>
  <xsl:template match="fence-devices"/>
  <xsl:template match="@migration-address"/>
  <xsl:template match="vm/@memory-overhead|defaults/@memory-overhead"/>
  <!-- What the lab's guests have for an application; their agents tell where. -->
  <xsl:template match="@ready-address"/>
  <xsl:template match="@ready-port[. != 'none']">
    <xsl:attribute name="ready-port">7777</xsl:attribute>
  </xsl:template>
  <xsl:template match="@ready-command">
    <xsl:attribute name="ready-command">/init check</xsl:attribute>
  </xsl:template>

  <xsl:template match="hosts">
    <fence-devices>
      <xsl:for-each select="host[fence/level]">
        <xsl:variable name="like" select="/cluster/fence-devices/device[@name = current()/fence/level[1]/device[1]/@ref]"/>
        <device name="bmc-{@name}" agent="fence_ipmilan">
          <xsl:copy-of select="$like/@timeout|$like/@retries|$like/@power-on"/>
          <param name="ip" value="10.77.2.10{@id}"/>
          <param name="username" value="{$user}"/>
          <param name="password" file="{$password}"/>
          <param name="lanplus" value="1"/>
          <param name="cipher" value="3"/>
          <param name="power_wait" value="0"/>
        </device>
      </xsl:for-each>
    </fence-devices>
    <xsl:copy><xsl:apply-templates select="@*|node()"/></xsl:copy>
  </xsl:template>

  <xsl:template match="host/fence">
    <xsl:if test="level">
      <fence><level><device ref="bmc-{../@name}"/></level></fence>
    </xsl:if>
  </xsl:template>

  <xsl:template name="kib">
    <xsl:param name="of"/>
    <xsl:choose>
      <xsl:when test="not($of)">0</xsl:when>
      <xsl:when test="$of/@unit = 'GiB' or $of/@unit = 'G'">
        <xsl:value-of select="$of * 1048576"/>
      </xsl:when>
      <xsl:when test="$of/@unit = 'MiB' or $of/@unit = 'M'">
        <xsl:value-of select="$of * 1024"/>
      </xsl:when>
      <xsl:otherwise><xsl:value-of select="number($of)"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- "64MiB", as attributes say it. -->
  <xsl:template name="size">
    <xsl:param name="of"/>
    <xsl:choose>
      <xsl:when test="contains($of, 'GiB')"><xsl:value-of select="substring-before($of, 'GiB') * 1048576"/></xsl:when>
      <xsl:when test="contains($of, 'MiB')"><xsl:value-of select="substring-before($of, 'MiB') * 1024"/></xsl:when>
      <xsl:when test="contains($of, 'KiB')"><xsl:value-of select="substring-before($of, 'KiB')"/></xsl:when>
      <xsl:otherwise>65536</xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template match="vm">
    <xsl:variable name="said" select="domain[not(@file)] | document(domain/@file, .)/domain"/>
    <xsl:variable name="number" select="count(preceding-sibling::vm) + 1"/>
    <xsl:variable name="own">
      <xsl:choose>
        <xsl:when test="$kind = 'light'"><xsl:value-of select="$light-kib"/></xsl:when>
        <xsl:otherwise><xsl:value-of select="$small-kib"/></xsl:otherwise>
      </xsl:choose>
    </xsl:variable>
    <xsl:variable name="memory">
      <xsl:call-template name="kib"><xsl:with-param name="of" select="$said/memory"/></xsl:call-template>
    </xsl:variable>
    <xsl:variable name="overhead">
      <xsl:call-template name="size">
        <xsl:with-param name="of" select="(@memory-overhead | /cluster/defaults[not(current()/@memory-overhead)]/@memory-overhead)[1]"/>
      </xsl:call-template>
    </xsl:variable>
    <vm>
      <xsl:apply-templates select="@*"/>
      <xsl:if test="$memory &gt; $own">
        <xsl:attribute name="memory-overhead">
          <xsl:value-of select="concat($memory - $own + $overhead, 'KiB')"/>
        </xsl:attribute>
      </xsl:if>
      <domain type="{$accel}">
        <name><xsl:value-of select="@name"/></name>
        <uuid>
          <xsl:choose>
            <xsl:when test="@uuid"><xsl:value-of select="@uuid"/></xsl:when>
            <xsl:when test="$said/uuid"><xsl:value-of select="$said/uuid"/></xsl:when>
            <xsl:otherwise>
              <xsl:value-of select="concat('ac1ab000-0000-4000-8000-', format-number($number, '000000000000'))"/>
            </xsl:otherwise>
          </xsl:choose>
        </uuid>
        <memory unit="KiB"><xsl:value-of select="$own"/></memory>
        <vcpu>
          <xsl:choose>
            <xsl:when test="$said/vcpu"><xsl:value-of select="$said/vcpu"/></xsl:when>
            <xsl:otherwise>1</xsl:otherwise>
          </xsl:choose>
        </vcpu>
        <os>
          <type arch="x86_64" machine="pc">hvm</type>
          <xsl:if test="$kind = 'small'">
            <kernel><xsl:value-of select="$images"/>/boot/vmlinuz</kernel>
            <initrd><xsl:value-of select="$images"/>/boot/initrd</initrd>
            <cmdline>
              <xsl:text>console=ttyS0 quiet hac.name=</xsl:text>
              <xsl:value-of select="@name"/>
              <xsl:text> hac.ip=10.77.8.</xsl:text>
              <xsl:value-of select="20 + $number"/>
            </cmdline>
          </xsl:if>
        </os>
        <features><acpi/></features>
        <on_poweroff>destroy</on_poweroff>
        <on_reboot>restart</on_reboot>
        <on_crash>destroy</on_crash>
        <devices>
          <xsl:choose>
            <xsl:when test="$kind = 'light'">
              <disk type="file" device="disk">
                <driver name="qemu" type="raw"/>
                <source file="{$images}/boot/light.img"/>
                <target dev="vda" bus="virtio"/>
                <readonly/>
                <shareable/>
              </disk>
            </xsl:when>
            <xsl:otherwise>
              <disk type="file" device="disk">
                <driver name="qemu" type="raw" cache="none"/>
                <source file="{$images}/{@name}.img"/>
                <target dev="vda" bus="virtio"/>
              </disk>
              <interface type="bridge">
                <mac address="52:54:00:ac:00:{format-number($number mod 100, '00')}"/>
                <source bridge="guests"/>
                <model type="virtio"/>
              </interface>
              <channel type="unix">
                <target type="virtio" name="org.qemu.guest_agent.0"/>
              </channel>
            </xsl:otherwise>
          </xsl:choose>
          <serial type="file">
            <source path="{$images}/console/{@name}.log" append="on"/>
          </serial>
          <controller type="usb" model="none"/>
          <memballoon model="none"/>
        </devices>
      </domain>
    </vm>
  </xsl:template>
</xsl:stylesheet>
